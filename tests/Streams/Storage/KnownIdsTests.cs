using Orca.Streams.Storage;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Storage;

public class KnownIdsTests
{
    [Fact]
    public void No_id_that_was_added_is_overlooked_and_few_others_are_taken_for_one()
    {
        var known = new KnownIds();
        var ids = Enumerable.Range(0, 200_000).Select(number => Questions.Request($"q{number}").Id).ToList();
        ids[..100_000].ForEach(known.Add);

        Assert.All(ids[..100_000], id => Assert.True(known.MayContain(id)));
        Assert.InRange(ids[100_000..].Count(known.MayContain), 0, 100);
    }
}
