using Orca.Cli.Configuration;
using Orca.Streams.Tasks;
using Orca.Streams.Teachers;

namespace Orca.Cli.Daemon;

/// <summary>The teachers of the stages, by the stage's name.</summary>
internal static class TeacherSet
{
    /// <summary>Makes the teachers that the settings describe.</summary>
    /// <exception cref="TaskFormatException">The file of recorded answers is missing.</exception>
    public static async Task<IReadOnlyDictionary<string, ITeacher>> OpenAsync(
        TeacherSettings settings, IProgress<SourceFault> faults, CancellationToken cancellationToken)
    {
        switch (settings.Kind)
        {
            case "solver":
                return Both(
                    new SolverTeacher(SolverStrength.Assistant, settings.SolverErrorRate), new SolverTeacher(SolverStrength.Expert));
            case "recorded":
                var recorded = settings.RecordedFile is { } file
                    ? await RecordedTeacher.OpenAsync(file, faults, cancellationToken)
                    : new RecordedTeacher();
                return Both(recorded, recorded);
            default:
                return Both(Endpoint(settings, settings.Model), Endpoint(settings, settings.ExpertModel ?? settings.Model));
        }
    }

    private static Dictionary<string, ITeacher> Both(ITeacher assistant, ITeacher expert) =>
        new() { [Stages.Assistant] = assistant, [Stages.Expert] = expert };

    private static OpenAiTeacher Endpoint(TeacherSettings settings, string model) => new(new OpenAiTeacherOptions
    {
        BaseUrl = new Uri(settings.BaseUrl),
        Model = model,
        KeyVariable = string.IsNullOrEmpty(Environment.GetEnvironmentVariable(settings.KeyVariable)) ? null : settings.KeyVariable,
        Temperature = settings.Temperature,
        TopP = settings.TopP,
        MaxTokens = settings.MaxTokens,
        LeftOut = settings.LeaveOut,
        Timeout = TimeSpan.FromSeconds(settings.TimeoutSeconds),
        Retries = settings.Retries,
    });
}
