namespace Orca.Streams.Teachers.Batches;

/// <summary>How requests are asked in batches: files of requests that are answered within a day, at a price of their own.</summary>
public sealed record BatchOptions
{
    /// <summary>Folder in which every batch is kept, from before it is paid for until its answers are stored.</summary>
    public required string Folder { get; init; }

    /// <summary>Requests of one batch, at most. Default 10,000; OpenAI takes 50,000.</summary>
    public int MaxRequests { get; init; } = 10_000;

    /// <summary>A batch is closed when nothing more has come for this long. Default 5 s.</summary>
    public TimeSpan Gather { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Pause between two looks at a batch. Default 30 s.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Pause after a first failure; it doubles each time, up to a minute. Default 1 s.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Time of failures without a success between them after which the endpoint is given up. Default 10 min.</summary>
    public TimeSpan GiveUpAfter { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>What a request costs, as a share of its price by itself. Default one half.</summary>
    public decimal PriceShare { get; init; } = 0.5m;

    /// <summary>Batches in which a request is asked before it is left to the next run. Default 3.</summary>
    public int Attempts { get; init; } = 3;
}
