using Orca.Model.Checkpoints;
using Orca.Model.Network;
using Orca.Model.Prompting;
using Orca.Model.Tokenization;

namespace Orca.Training;

/// <summary>The student of a run: its shape, its words, its prompt, and where its first weights come from.</summary>
public sealed record Student
{
    /// <summary>Shape of the network.</summary>
    public required LlamaConfig Config { get; init; }

    /// <summary>Its tokenizer; goes into every checkpoint.</summary>
    public required ITokenizer Tokenizer { get; init; }

    /// <summary>Its prompt template; goes into every checkpoint.</summary>
    public required PromptTemplate Template { get; init; }

    /// <summary>
    /// Hugging Face folder of the first weights; null: fresh ones from the seed. Where a run goes on it is read for the base of
    /// its adapters alone.
    /// </summary>
    public string? WeightsFolder { get; init; }

    /// <summary>Tells its first weights from those of another student of the same shape; null where nobody says.</summary>
    public string? Origin { get; init; }

    /// <summary>The student that a model folder holds: training begins from its weights.</summary>
    /// <param name="folder">In Hugging Face's layout, with its tokenizer.</param>
    /// <exception cref="Orca.Model.ModelFormatException">
    /// A file is missing, malformed or does not fit the others; the message says which.
    /// </exception>
    public static Student Open(string folder)
    {
        using var checkpoint = Checkpoint.Open(folder);
        return Of(checkpoint) with { Origin = StudentOrigin.Of(checkpoint) };
    }

    internal static Student Of(Checkpoint checkpoint) => new()
    {
        Config = checkpoint.Config,
        Tokenizer = checkpoint.Tokenizer,
        Template = checkpoint.Template,
        WeightsFolder = checkpoint.Folder,
    };
}
