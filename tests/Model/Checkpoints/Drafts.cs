using Orca.Model.Checkpoints;
using Orca.Model.Network;
using Orca.Model.Prompting;
using Orca.Model.Tests.Network;

namespace Orca.Model.Tests.Checkpoints;

/// <summary>Drafts of toy checkpoints.</summary>
internal static class Drafts
{
    public static LlamaConfig Config { get; } = ToyModel.Config with
    {
        VocabularySize = ToyTokenizer.VocabularySize + 2,
        TiedEmbeddings = true,
        BosId = 1,
        EosIds = [2],
    };

    public static CheckpointDraft Of(ToyModel model, long step, params CheckpointExtra[] extras) => new()
    {
        Step = step,
        Parent = step > 1 ? $"step-{step - 1:D8}" : null,
        Config = model.Network.Config,
        Tokenizer = ToyTokenizer.Open(),
        Template = PromptTemplates.Headings,
        Weights = model.Weights,
        CurriculumRevision = 9,
        Created = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
        Extras = [.. extras],
    };
}
