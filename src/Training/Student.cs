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

    /// <summary>Hugging Face folder of the first weights; null: fresh ones from the seed. Not read where a run goes on.</summary>
    public string? WeightsFolder { get; init; }
}
