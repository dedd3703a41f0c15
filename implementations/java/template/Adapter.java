import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * Inverted dropout by hand, as an adapter to start from: put what you want to have judged in place
 * of {@code forward} and {@code backward}, compile it, and judge it with
 *
 * <pre>keepprob check -- java -cp '.build/classes:.build/dependency/*' Adapter</pre>
 */
public final class Adapter extends KeepprobAdapter {
  /**
   * A layer remembers its keep_prob, and continues its stream of random numbers from call to call.
   */
  private record Layer(double keepProb, SplittableRandom random) {}

  private final Map<String, Layer> layers = new HashMap<>();

  static byte[] draw(int size, double keepProb, SplittableRandom random) {
    byte[] mask = new byte[size];
    for (int i = 0; i < size; i++) mask[i] = (byte) (random.nextDouble() < keepProb ? 1 : 0);
    return mask;
  }

  static double[] forward(double[] x, byte[] mask, double keepProb) {
    double[] y = new double[x.length];
    for (int i = 0; i < x.length; i++) y[i] = mask[i] == 1 ? x[i] / keepProb : 0;
    return y;
  }

  static double[] backward(double[] dy, byte[] mask, double keepProb) {
    double[] dx = new double[dy.length];
    for (int i = 0; i < dy.length; i++) dx[i] = mask[i] == 1 ? dy[i] / keepProb : 0;
    return dx;
  }

  /**
   * y and the mask, and dx where dy came; in evaluation nothing is dropped, and there is no mask.
   */
  @Override
  protected Map<String, Tensor> dropout(JsonObject args, Map<String, Tensor> tensors) {
    Layer layer =
        args.has("layer")
            ? layers.computeIfAbsent(args.get("layer").getAsString(), name -> layerOf(args))
            : layerOf(args);
    Tensor x = tensors.get("x");
    Tensor dy = tensors.get("dy");
    Map<String, Tensor> answer = new HashMap<>();
    if (args.get("training").getAsBoolean()) {
      byte[] mask = draw(x.size(), layer.keepProb, layer.random);
      answer.put("y", new Tensor(x.shape(), forward(x.doubles(), mask, layer.keepProb)));
      answer.put("mask", new Tensor(x.shape(), mask));
      if (dy != null)
        answer.put("dx", new Tensor(x.shape(), backward(dy.doubles(), mask, layer.keepProb)));
    } else {
      answer.put("y", x);
      if (dy != null) answer.put("dx", dy);
    }
    return answer;
  }

  private static Layer layerOf(JsonObject args) {
    double keepProb = args.get("keep_prob").getAsDouble();
    if (!(0 < keepProb && keepProb <= 1)) {
      throw new IllegalArgumentException("keep_prob must be in (0, 1], got " + keepProb);
    }
    var random =
        args.has("seed")
            ? new SplittableRandom(args.get("seed").getAsLong())
            : new SplittableRandom();
    return new Layer(keepProb, random);
  }

  public static void main(String[] arguments) throws IOException {
    new Adapter()
        .serve(
            """
            {
              "name": "my-dropout",
              "version": "0.1.0",
              "capabilities": {
                "dropout": {
                  "dtypes": ["float64"],
                  "gradient": true,
                  "mask": true,
                  "seed": "advances",
                  "layer": true,
                  "repeat": true,
                  "keep_prob_zero": "error"
                }
              }
            }
            """);
  }
}
