using System.Collections.Immutable;

namespace Orca.Streams.Bus;

/// <summary>Finds stages by their names.</summary>
internal static class CurriculumStages
{
    /// <summary>Index of the stage of a name; -1 where there is none.</summary>
    public static int IndexOf(this ImmutableArray<CurriculumStage> stages, string name)
    {
        for (var stage = 0; stage < stages.Length; stage++)
        {
            if (stages[stage].Name == name)
            {
                return stage;
            }
        }

        return -1;
    }
}
