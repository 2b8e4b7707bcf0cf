using Orca.Streams.Tasks;

namespace Orca.Streams.Tests.Support;

/// <summary>Reads all of a source's questions.</summary>
internal static class Sources
{
    public static async Task<List<TaskQuery>> ReadAsync(string spec, FaultList faults, SourceOptions? options = null, long skip = 0)
    {
        var queries = new List<TaskQuery>();
        foreach (var source in TaskSpec.Of(spec).Open(options, faults, cancellationToken: TestContext.Current.CancellationToken))
        {
            await foreach (var query in source.ReadAsync(skip, faults, TestContext.Current.CancellationToken))
            {
                if (query is not null)
                {
                    queries.Add(query);
                }
            }
        }

        return queries;
    }
}
