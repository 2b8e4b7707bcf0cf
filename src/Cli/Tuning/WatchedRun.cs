using Orca.Protocol.Curriculum.V1;

namespace Orca.Cli.Tuning;

/// <summary>A run as those who watch it see it, in bounded memory. One thread at a time.</summary>
internal sealed class WatchedRun
{
    private const int MostPoints = 2_048;
    private const int MostCommands = 64;

    private readonly List<(DateTimeOffset Time, double Value)> _losses = [];
    private readonly List<(DateTimeOffset Time, double Value)> _speeds = [];
    private readonly List<(char Letter, WatchResponse Event)> _commands = [];
    private int _letters;

    /// <summary>The newest status; null before the first.</summary>
    public Status? Status { get; private set; }

    /// <summary>The newest steps; null before the first.</summary>
    public StepSummary? Steps { get; private set; }

    /// <summary>The newest checkpoint's fate; null before the first.</summary>
    public WatchResponse? Version { get; private set; }

    /// <summary>The last thing that went wrong; null where nothing did.</summary>
    public WatchResponse? Fault { get; private set; }

    /// <summary>What is said of the connection; empty while there is nothing to say.</summary>
    public string Note { get; set; } = "";

    /// <summary>Losses over time, thinned out.</summary>
    public IReadOnlyList<(DateTimeOffset Time, double Value)> Losses => _losses;

    /// <summary>Tokens a second over time, thinned out.</summary>
    public IReadOnlyList<(DateTimeOffset Time, double Value)> Speeds => _speeds;

    /// <summary>The last commands, each with the letter that marks it.</summary>
    public IReadOnlyList<(char Letter, WatchResponse Event)> Commands => _commands;

    /// <summary>Takes an event in.</summary>
    public void Add(WatchResponse happened)
    {
        switch (happened.EventCase)
        {
            case WatchResponse.EventOneofCase.Status:
                Status = happened.Status;
                break;
            case WatchResponse.EventOneofCase.Steps:
                Steps = happened.Steps;
                Add(happened.Time.ToDateTimeOffset(), happened.Steps);
                break;
            case WatchResponse.EventOneofCase.Version:
                Version = happened;
                break;
            case WatchResponse.EventOneofCase.Fault:
                Fault = happened;
                break;
            case WatchResponse.EventOneofCase.Command:
                _commands.Add(((char)('a' + (_letters++ % 26)), happened));
                if (_commands.Count > MostCommands)
                {
                    _commands.RemoveAt(0);
                }

                break;
        }
    }

    private void Add(DateTimeOffset time, StepSummary steps)
    {
        if (steps.HasLoss)
        {
            Thin(_losses, (time, steps.Loss));
        }

        Thin(_speeds, (time, steps.TokensPerSecond));
    }

    // When it is full, every two neighbours become one; the first and the last stay where they are in time.
    private static void Thin(List<(DateTimeOffset Time, double Value)> points, (DateTimeOffset Time, double Value) point)
    {
        points.Add(point);
        if (points.Count == MostPoints)
        {
            var halved = points.Chunk(2).Select(pair => (pair[0].Time, pair.Average(one => one.Value))).ToList();
            points.Clear();
            points.AddRange(halved);
        }
    }
}
