import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.deeplearning4j.nn.api.Layer;
import org.deeplearning4j.nn.conf.NeuralNetConfiguration;
import org.deeplearning4j.nn.conf.layers.DropoutLayer;
import org.deeplearning4j.nn.workspace.LayerWorkspaceMgr;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.cpu.nativecpu.rng.CpuNativeRandom;
import org.nd4j.linalg.factory.Nd4j;
import org.nd4j.linalg.learning.GradientUpdater;
import org.nd4j.linalg.learning.config.Adam;
import org.nd4j.linalg.learning.regularization.L2Regularization;
import org.nd4j.linalg.learning.regularization.Regularization;
import org.nd4j.linalg.learning.regularization.Regularization.ApplyStep;
import org.nd4j.linalg.learning.regularization.WeightDecay;
import org.nd4j.linalg.schedule.ISchedule;

/**
 * Deeplearning4j. The adapter translates and never repairs: the library's layers take the
 * probability of keeping, as the wire does, and what the library then does is what is judged.
 */
public final class Adapter extends KeepprobAdapter {
  private static final LayerWorkspaceMgr WORKSPACES = LayerWorkspaceMgr.noWorkspaces();

  private static INDArray arrayOf(Tensor tensor) {
    DataType type = tensor.values() instanceof double[] ? DataType.DOUBLE : DataType.FLOAT;
    long[] shape = IntStream.of(tensor.shape()).asLongStream().toArray();
    if (tensor.size() == 0) return Nd4j.create(type, shape);
    return type == DataType.DOUBLE
        ? Nd4j.create(tensor.doubles(), shape, type)
        : Nd4j.create(tensor.floats(), shape);
  }

  private static Tensor tensorOf(INDArray array) {
    int[] shape = LongStream.of(array.shape()).mapToInt(Math::toIntExact).toArray();
    boolean wide = array.dataType() == DataType.DOUBLE;
    if (array.isEmpty()) return Tensor.zeros(wide ? "float64" : "float32", shape);
    var rows = array.dup('c').data();
    return new Tensor(shape, wide ? rows.asDouble() : rows.asFloat());
  }

  /**
   * All layers draw from the one generator of the thread. A layer that has a seed keeps the state
   * that the generator has from it, and puts it in place for its own calls.
   */
  private static final class Dropout {
    final Layer layer;
    final boolean seeded;
    long rootState;
    long nodeState;

    Dropout(JsonObject args, DataType type) {
      var configuration =
          new NeuralNetConfiguration.Builder()
              .layer(new DropoutLayer(args.get("keep_prob").getAsDouble()))
              .build();
      layer = configuration.getLayer().instantiate(configuration, null, 0, null, false, type);
      seeded = args.has("seed");
      if (seeded) {
        var random = new CpuNativeRandom(args.get("seed").getAsLong());
        rootState = random.rootState();
        nodeState = random.nodeState();
        random.close();
      }
    }

    void exchangeGenerator() {
      if (!seeded) return;
      var random = (CpuNativeRandom) Nd4j.getRandom();
      long[] before = {random.rootState(), random.nodeState()};
      random.setStates(rootState, nodeState);
      rootState = before[0];
      nodeState = before[1];
    }
  }

  private final Map<String, Dropout> layers = new HashMap<>();

  @Override
  protected Map<String, Tensor> dropout(JsonObject args, Map<String, Tensor> tensors) {
    INDArray x = arrayOf(tensors.get("x"));
    Dropout dropout =
        args.has("layer")
            ? layers.computeIfAbsent(
                args.get("layer").getAsString(), name -> new Dropout(args, x.dataType()))
            : new Dropout(args, x.dataType());
    dropout.exchangeGenerator();
    INDArray y = dropout.layer.activate(x, args.get("training").getAsBoolean(), WORKSPACES);
    dropout.exchangeGenerator();
    if (!tensors.containsKey("dy")) return Map.of("y", tensorOf(y));
    INDArray dy = arrayOf(tensors.get("dy"));
    INDArray dx = dropout.layer.backpropGradient(dy, WORKSPACES).getSecond();
    return Map.of("y", tensorOf(y), "dx", tensorOf(dx));
  }

  /**
   * Of the roles that a parameter can have, only a weight is regularized by a layer's l2 or
   * weightDecay.
   */
  private static boolean isWeight(JsonObject args, String name) {
    return args.getAsJsonObject("roles").get(name).getAsString().equals("weight");
  }

  private static boolean isFrozen(JsonObject args, String name) {
    return args.getAsJsonObject("roles").get(name).getAsString().equals("frozen");
  }

  private static boolean isAlias(JsonObject args, String name) {
    return args.has("alias") && args.getAsJsonObject("alias").has(name);
  }

  @Override
  protected Map<String, Tensor> penalty(JsonObject args, Map<String, Tensor> tensors) {
    var l2 = new L2Regularization(args.get("lambda").getAsDouble());
    boolean backward = args.has("gradient") && args.get("gradient").getAsBoolean();
    Map<String, Tensor> answer = new HashMap<>();
    double value = 0;
    for (var entry : tensors.entrySet()) {
      String name = entry.getKey();
      if (isAlias(args, name)) continue;
      INDArray w = arrayOf(entry.getValue());
      INDArray gradient = Nd4j.zerosLike(w);
      if (isWeight(args, name)) {
        value += l2.score(w, 0, 0);
        if (backward) l2.apply(w, gradient, 0, 0, 0);
      }
      if (backward) answer.put("d:" + name, tensorOf(gradient));
    }
    answer.put("value", Tensor.scalar(value));
    return answer;
  }

  /** A number for each iteration, from 0 on; or one for all. */
  private record Schedule(JsonElement values) implements ISchedule {
    @Override
    public double valueAt(int iteration, int epoch) {
      return values.isJsonArray()
          ? values.getAsJsonArray().get(iteration).getAsDouble()
          : values.getAsDouble();
    }

    @Override
    public ISchedule clone() {
      return this;
    }
  }

  private static double number(JsonObject args, String name, double otherwise) {
    return args.has(name) ? args.get(name).getAsDouble() : otherwise;
  }

  /** Adam with l2 or with weightDecay, in the order in which a network's updater goes about it. */
  @Override
  protected Map<String, Tensor> step(JsonObject args, Map<String, Tensor> tensors) {
    ISchedule rate = new Schedule(args.get("lr"));
    ISchedule decay = new Schedule(args.get("weight_decay"));
    Regularization regularization =
        args.get("optimizer").getAsString().equals("adamw")
            ? new WeightDecay(decay, true)
            : new L2Regularization(decay);
    Adam adam =
        Adam.builder()
            .learningRateSchedule(rate)
            .beta1(number(args, "beta1", Adam.DEFAULT_ADAM_BETA1_MEAN_DECAY))
            .beta2(number(args, "beta2", Adam.DEFAULT_ADAM_BETA2_VAR_DECAY))
            .epsilon(number(args, "eps", Adam.DEFAULT_ADAM_EPSILON))
            .build();
    int steps = args.get("steps").getAsInt();
    Map<String, Tensor> answer = new HashMap<>();
    for (String name : tensors.keySet()) {
      if (name.startsWith("g:") || isAlias(args, name)) continue;
      INDArray w = arrayOf(tensors.get(name));
      if (tensors.containsKey("g:" + name) && !isFrozen(args, name)) {
        INDArray gradients = arrayOf(tensors.get("g:" + name));
        INDArray state = Nd4j.create(w.dataType(), 1, adam.stateSize(w.length()));
        GradientUpdater<?> updater = adam.instantiate(state, true);
        for (int k = 0; k < steps; k++) {
          INDArray update = gradients.slice(k).dup();
          if (isWeight(args, name) && regularization.applyStep() == ApplyStep.BEFORE_UPDATER) {
            regularization.apply(w, update, rate.valueAt(k, 0), k, 0);
          }
          updater.applyUpdater(update.reshape(update.length()), k, 0);
          if (isWeight(args, name) && regularization.applyStep() == ApplyStep.POST_UPDATER) {
            regularization.apply(w, update, rate.valueAt(k, 0), k, 0);
          }
          w.subi(update);
        }
      }
      answer.put(name, tensorOf(w));
    }
    return answer;
  }

  public static void main(String[] arguments) throws IOException {
    new Adapter()
        .serve(
            """
{
  "name": "Deeplearning4j",
  "version": "1.0.0-M2.1",
  "homepage": "https://deeplearning4j.konduit.ai",
  "capabilities": {
    "dropout": {
      "dtypes": ["float64", "float32"],
      "gradient": true,
      "seed": "advances",
      "layer": true,
      "repeat": true,
      "keep_prob_zero": "error"
    },
    "penalty": {"dtypes": ["float64", "float32"], "coefficient": 0.5, "gradient": true},
    "step": {
      "dtypes": ["float64", "float32"],
      "optimizers": {
        "adam": {"decay": "coupled"},
        "adamw": {"decay": "decoupled", "times_lr": true, "order": "before"}
      }
    }
  }
}
""");
  }
}
