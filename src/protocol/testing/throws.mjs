/** A module that cannot be imported. */
throw new TypeError('the weights are missing\nin the second line');
