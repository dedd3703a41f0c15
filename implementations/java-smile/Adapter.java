import com.google.gson.JsonObject;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.Map;
import smile.base.mlp.InputLayer;
import smile.base.mlp.Layer;
import smile.math.MathEx;

/**
 * Smile: the dropout of its multilayer perceptron, whose input layer passes on what it is given.
 * The adapter translates and never repairs: the wire's keep_prob becomes the library's dropout
 * rate, and what the library then does is what is judged.
 */
public final class Adapter extends KeepprobAdapter {
  private final Map<String, Layer> layers = new HashMap<>();

  /** As the perceptron goes about it: dropout is propagated in training, and not in evaluation. */
  @Override
  protected Map<String, Tensor> dropout(JsonObject args, Map<String, Tensor> tensors) {
    Tensor x = tensors.get("x");
    Layer layer =
        args.has("layer")
            ? layers.computeIfAbsent(args.get("layer").getAsString(), name -> layerOf(args, x))
            : layerOf(args, x);
    layer.propagate(x.doubles());
    if (args.get("training").getAsBoolean()) layer.propagateDropout();
    return Map.of("y", new Tensor(x.shape(), layer.output().clone()));
  }

  private static Layer layerOf(JsonObject args, Tensor x) {
    return new InputLayer(x.size(), 1 - args.get("keep_prob").getAsDouble());
  }

  public static void main(String[] arguments) throws IOException {
    // Until it is told otherwise, the library draws the same numbers in every process.
    MathEx.setSeed(new SecureRandom().nextLong());
    new Adapter()
        .serve(
            """
            {
              "name": "Smile",
              "version": "3.1.1",
              "homepage": "https://haifengl.github.io",
              "capabilities": {
                "dropout": {
                  "dtypes": ["float64"],
                  "layer": true,
                  "repeat": true,
                  "keep_prob_zero": "error"
                }
              }
            }
            """);
  }
}
