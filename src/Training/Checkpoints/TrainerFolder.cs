using System.Text.Json;
using Orca.Model;
using Orca.Model.Checkpoints;
using Orca.Model.Weights;
using Orca.Training.Adapters;
using Orca.Training.Packing;

namespace Orca.Training.Checkpoints;

/// <summary>
/// The <c>trainer</c> folder of a checkpoint: <c>optimizer.safetensors</c> (moments, and master weights where the published ones are
/// narrower), adapters where there are any (<see cref="PeftFolder"/>), <c>state.json</c>, <c>recipe.json</c>, <c>packer.json</c> and
/// <c>curriculum.bin</c>. There is no random state: what is rounded at random follows from the seed and the step.
/// </summary>
internal static class TrainerFolder
{
    /// <summary>Its name within the checkpoint.</summary>
    public const string Name = "trainer";

    /// <summary>The file with the curriculum's state.</summary>
    public const string CurriculumName = "curriculum.bin";

    private const string OptimizerName = "optimizer.safetensors";
    private const string StateName = "state.json";
    private const string RecipeName = "recipe.json";
    private const string PackerName = "packer.json";

    /// <summary>Writes it.</summary>
    /// <param name="folder">An empty folder.</param>
    /// <param name="snapshot">What goes in.</param>
    public static void Write(string folder, RunSnapshot snapshot)
    {
        SafetensorsWriter.Write(Path.Combine(folder, OptimizerName), snapshot.Optimizer);
        if (snapshot.Saved.Recipe!.Lora is { } lora)
        {
            PeftFolder.Write(folder, snapshot.Adapters, lora, snapshot.Saved.State.Base?.Folder);
        }

        File.WriteAllBytes(Path.Combine(folder, StateName), snapshot.Saved.State.ToJson());
        File.WriteAllBytes(Path.Combine(folder, RecipeName), snapshot.Saved.Recipe.ToJson());
        File.WriteAllBytes(Path.Combine(folder, PackerName), snapshot.Saved.Packer.ToJson());
        if (snapshot.Curriculum is { } curriculum)
        {
            File.WriteAllBytes(Path.Combine(folder, CurriculumName), curriculum.State);
        }
    }

    /// <summary>Brings a learner to a checkpoint's state.</summary>
    /// <remarks>Another optimizer than the checkpoint's begins without moments: they mean something else to it.</remarks>
    /// <exception cref="TrainingException">It holds another student or recipe, or no trainer's state.</exception>
    /// <exception cref="ModelFormatException">It is damaged.</exception>
    public static SavedRun Read(Checkpoint checkpoint, Student student, Learner learner, TrainerOptions options)
    {
        var saved = Check(checkpoint, student, learner, options);
        saved.State.Base?.Load(student, learner);
        return Load(checkpoint, saved, learner, saved.Recipe is { } recipe && recipe.Optimizer != options.Optimizer);
    }

    /// <summary>Reads what goes on beside a learner; the learner stays as it is.</summary>
    /// <exception cref="TrainingException">The checkpoint holds another student or recipe, or no trainer's state.</exception>
    /// <exception cref="ModelFormatException">It is damaged.</exception>
    public static SavedRun Check(Checkpoint checkpoint, Student student, Learner learner, TrainerOptions options)
    {
        RequireSame(checkpoint, student);
        var folder = Folder(checkpoint);
        var recipe = ReadRecipe(folder);
        recipe?.RequireSame(options, checkpoint.Folder);
        var state = ReadState(folder);
        if (state.Base is null != learner.Adapted is null)
        {
            throw new TrainingException(
                $"'{checkpoint.Folder}' was trained {(state.Base is null ? "without" : "with")} adapters (training.lora.rank); go on so, "
                    + "or begin another run from it.");
        }

        return new SavedRun(state, Json(folder, PackerName, bytes => PackerState.FromJson(bytes)), recipe);
    }

    /// <summary>Brings a learner to a checkpoint's weights and moments; what is frozen beside adapters is there already.</summary>
    /// <param name="checkpoint">The checkpoint.</param>
    /// <param name="saved">What <see cref="Check"/> has read of it.</param>
    /// <param name="learner">The learner.</param>
    /// <param name="isOtherOptimizer">Whether its moments are of another optimizer than the learner's, and left out.</param>
    /// <exception cref="ModelFormatException">It is damaged.</exception>
    public static SavedRun Load(Checkpoint checkpoint, SavedRun saved, Learner learner, bool isOtherOptimizer)
    {
        var folder = Folder(checkpoint);
        using var optimizer = SafetensorsFile.Open(Path.Combine(folder, OptimizerName));
        if (learner.Adapted is not null)
        {
            PeftFolder.Read(folder, learner.Parameters);
        }
        else
        {
            learner.Load(name => optimizer.Contains(RunSnapshot.MasterOf(name))
                ? optimizer.Map(RunSnapshot.MasterOf(name))
                : checkpoint.Weight(name));
        }

        if (!isOtherOptimizer)
        {
            MomentTensors.Read(optimizer, learner.Parameters);
        }

        var state = isOtherOptimizer ? saved.State with { OptimizerSteps = 0 } : saved.State;
        learner.Optimizer.Restore(state.OptimizerSteps);
        return saved with { State = state };
    }

    /// <summary>What a checkpoint was trained by; null where a trainer folder does not say.</summary>
    /// <exception cref="ModelFormatException">It cannot be read.</exception>
    public static TrainingRecipe? ReadRecipe(string folder) => File.Exists(Path.Combine(folder, RecipeName))
        ? Json(folder, RecipeName, bytes => TrainingRecipe.FromJson(bytes))
        : null;

    /// <summary>Path of a checkpoint's trainer folder, its digests verified.</summary>
    /// <exception cref="TrainingException">There is none.</exception>
    public static string Folder(Checkpoint checkpoint) =>
        checkpoint.Manifest?.Digests.ContainsKey($"{Name}/{StateName}") == true
            ? checkpoint.Extra(Name)
            : throw new TrainingException(
                $"'{checkpoint.Folder}' holds a model but no trainer's state to go on with; begin a new run from its weights in another "
                    + "folder.");

    /// <summary>The counters in a trainer folder.</summary>
    /// <exception cref="ModelFormatException">They cannot be read.</exception>
    public static TrainerState ReadState(string folder) => Json(folder, StateName, bytes => TrainerState.FromJson(bytes));

    private static void RequireSame(Checkpoint checkpoint, Student student)
    {
        var (found, wanted) = (checkpoint.Config with { WeightType = null }, student.Config with { WeightType = null });
        if (found.ToJson() != wanted.ToJson())
        {
            throw Another("a network of another shape");
        }

        if (checkpoint.Template.Hash != student.Template.Hash)
        {
            throw Another("another prompt template");
        }

        TrainingException Another(string what) => new(
            $"'{checkpoint.Folder}', where the run would go on, has {what}; go on with the same student, or begin in another folder.");
    }

    private static T Json<T>(string folder, string name, Func<byte[], T> read)
    {
        var path = Path.Combine(folder, name);
        try
        {
            return read(File.ReadAllBytes(path));
        }
        catch (Exception e) when (e is IOException or JsonException)
        {
            throw new ModelFormatException(
                $"'{path}' cannot be read: {e.Message.ReplaceLineEndings(" ")} Go on from another checkpoint.", e);
        }
    }
}
