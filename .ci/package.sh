#!/bin/sh
# The package as a user has it: packed as it is built, installed by npm from the registry into an empty project, and asked.
# bin/package.test.ts does the same and more, with the packages of this checkout and without a registry.
set -eu
cd "$(dirname "$0")/.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

npm pack --ignore-scripts --silent --pack-destination "$folder"
cd "$folder"
printf '{ "private": true, "type": "module" }\n' >package.json
npm install --prefer-offline --ignore-scripts --no-audit --no-fund --silent ./keepprob-*.tgz
npx --no -- keepprob init javascript .
npx --no -- keepprob check --profile quick --only 'dropout/k*' --only dropout/golden --report junit=junit.xml implementation.mjs
node --input-type=module --eval "
  import { judge } from 'keepprob';
  import implementation from './implementation.mjs';
  const { verdict } = await judge(implementation, { profile: 'quick', only: ['dropout/golden'] });
  if (verdict !== 'conforms') throw new Error(verdict);
"
npm ls --all >/dev/null # fails where a dependency is missing, or of another version than the package wants
echo "the package installs and judges"
