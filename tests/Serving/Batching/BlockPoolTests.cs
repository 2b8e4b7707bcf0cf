using CsCheck;
using Orca.Serving.Batching;

namespace Orca.Serving.Tests.Batching;

public class BlockPoolTests
{
    private static readonly BlockShape Fours = BlockShape.Of(4, 32, (_, _, _) => { });

    [Fact]
    public void A_block_is_always_one_of_free_used_and_cached_and_every_user_is_counted() =>
        Gen.Int[0, 6].Select(Gen.Int[0, 999], Gen.Int[1, 4]).Array[1, 120].Sample(operations =>
        {
            var pool = new BlockPool(12, _ => { });
            var tables = new List<BlockTable>();
            foreach (var (kind, number, version) in operations)
            {
                Apply(pool, tables, kind, number, version);
                BlockAudit.Check(pool, tables);
            }

            tables.ForEach(table => table.ReturnAll());
            Assert.Equal((0, 12), (pool.Used, pool.Available));
        });

    [Fact]
    public void An_audit_finds_a_lost_block()
    {
        var pool = new BlockPool(4, _ => { });
        pool.TryTake(out _);
        Assert.Throws<EngineInvariantException>(() => BlockAudit.Check(pool, []));
    }

    [Fact]
    public void What_one_sequence_left_is_found_by_the_next_that_begins_alike()
    {
        var (pool, tokens) = (new BlockPool(8, _ => { }), Enumerable.Range(0, 10).ToArray());
        Leave(pool, tokens, version: 1);

        Assert.Equal(8, Find(pool, tokens, version: 1).Count * 4);
        Assert.Equal(1, Find(pool, [0, 1, 2, 3, 9, 9, 9, 9], version: 1).Count);
    }

    // Pitfall 2: whatever is derived from weights is named after them.
    [Fact]
    public void Nothing_is_found_of_another_version_or_salt_or_beginning()
    {
        var (pool, tokens) = (new BlockPool(8, _ => { }), Enumerable.Range(0, 8).ToArray());
        Leave(pool, tokens, version: 1);

        Assert.Equal(0, Find(pool, tokens, version: 2).Count);
        Assert.Equal(0, Find(pool, tokens, version: 1, "other").Count);
        Assert.Equal(0, Find(pool, [.. tokens[4..]], version: 1).Count);
    }

    [Fact]
    public void Blocks_of_versions_without_traffic_are_given_up_first_then_those_unused_for_longest_and_ends_before_beginnings()
    {
        var pool = new BlockPool(6, _ => { });
        pool.Prefixes.Prefer([1, 2]);
        Leave(pool, [1, 1, 1, 1, 2, 2, 2, 2], version: 1);
        Leave(pool, [3, 3, 3, 3, 4, 4, 4, 4], version: 2);
        Leave(pool, [5, 5, 5, 5, 6, 6, 6, 6], version: 1);
        pool.Prefixes.Prefer([1]);
        var left = new List<(int, int, int)>();
        for (var taken = 0; taken < 5; taken++)
        {
            Assert.True(pool.TryTake(out _));
            left.Add((Found(pool, [3, 3, 3, 3, 4, 4, 4, 4], 2), Found(pool, [1, 1, 1, 1, 2, 2, 2, 2], 1), Found(
                pool, [5, 5, 5, 5, 6, 6, 6, 6], 1)));
        }

        Assert.Equal([(1, 2, 2), (0, 2, 2), (0, 1, 2), (0, 0, 2), (0, 0, 1)], left);
    }

    // Pitfall 3: a reset while busy neither fails nor is skipped.
    [Fact]
    public void Forgetting_frees_what_nobody_uses_and_leaves_the_rest_to_its_users()
    {
        var (pool, tokens) = (new BlockPool(8, _ => { }), Enumerable.Range(0, 8).ToArray());
        Leave(pool, tokens, version: 1);
        var user = new BlockTable(pool, Fours, 8);
        user.TakeFound(BlockKeys.Root(1, "", ""), tokens.AsSpan(0, 4));

        Assert.Equal(1, pool.Forget(null));

        Assert.Equal((1, 0, 7), (pool.Used, pool.Cached, pool.Free));
        Assert.Equal(0, Find(pool, tokens, version: 1).Count);
        BlockAudit.Check(pool, [user]);
    }

    [Fact]
    public void What_may_not_be_numbers_is_wiped_out_before_its_block_is_used_again()
    {
        var cleared = new List<int>();
        var pool = new BlockPool(2, cleared.Add);
        var table = new BlockTable(pool, Fours, 2);
        table.TryGrow(6);
        table.SuspectFrom(4);

        table.ReturnAll();

        Assert.Equal([1], cleared);
    }

    // A store whose blocks are whole sequences finds beginnings too: in place where nobody uses them, else by a copy.
    [Fact]
    public void Where_a_block_is_a_whole_sequence_its_beginning_is_taken_over_or_copied()
    {
        var copies = new List<(int, int, int)>();
        var shape = BlockShape.Of(64, 64, (from, to, tokens) => copies.Add((from, to, tokens)));
        var pool = new BlockPool(3, _ => { }, shape.Names);
        int[] tokens = [.. Enumerable.Range(0, 50)];
        var first = new BlockTable(pool, shape, 1);
        first.TakeFound(BlockKeys.Root(1, "", ""), tokens);
        first.TryGrow(50);
        first.Name(tokens, version: 1);
        first.ReturnAll();

        var heir = new BlockTable(pool, shape, 1);
        Assert.Equal(32, heir.TakeFound(BlockKeys.Root(1, "", ""), [.. tokens[..40], 99, 99, 99, 99, 99, 99, 99, 99]));
        Assert.Equal((1, 0, 2), (pool.Used, pool.Cached, pool.Prefixes.Names));
        var second = new BlockTable(pool, shape, 1);
        Assert.Equal(32, second.TakeFound(BlockKeys.Root(1, "", ""), tokens));
        Assert.Equal([(heir.Blocks.Span[0], second.Blocks.Span[0], 32)], copies);
        BlockAudit.Check(pool, [heir, second]);
    }

    private static void Apply(BlockPool pool, List<BlockTable> tables, int kind, int number, int version)
    {
        var table = tables.Count > 0 ? tables[number % tables.Count] : null;
        int[] tokens = [.. Enumerable.Range(0, 3 + (number % 8)).Select(i => i < 4 ? number % 3 : i)];
        switch (kind)
        {
            case 0 or 1:
                var fresh = new BlockTable(pool, Fours, 4);
                var found = fresh.TakeFound(BlockKeys.Root(version, "", ""), tokens);
                Assert.True(found <= tokens.Length);
                if (fresh.TryGrow(tokens.Length))
                {
                    fresh.Name(tokens, version);
                }

                tables.Add(fresh);
                break;
            case 2 when table is not null:
                table.ReturnAll();
                tables.Remove(table);
                break;
            case 3 when table is not null && table.Count > 0:
                var fork = new BlockTable(pool, Fours, 4);
                if (fork.TryFork(table, (table.Count * 4) - 1))
                {
                    tables.Add(fork);
                }

                break;
            case 4:
                pool.Forget(version == 1 ? null : version);
                break;
            case 5:
                pool.Prefixes.Prefer([version]);
                break;
            case 6 when table is not null:
                table.Discredit();
                break;
        }
    }

    private static void Leave(BlockPool pool, int[] tokens, long version)
    {
        var table = Find(pool, tokens, version);
        Assert.True(table.TryGrow(tokens.Length));
        table.Name(tokens, version);
        table.ReturnAll();
    }

    private static int Found(BlockPool pool, int[] tokens, long version)
    {
        var key = BlockKeys.Root(version, "", "");
        var count = 0;
        for (var at = 0; at < tokens.Length; at += 4)
        {
            key = BlockKeys.Next(key, tokens.AsSpan(at, 4));
            count += pool.Prefixes.Find(key) is null ? 0 : 1;
        }

        return count;
    }

    private static BlockTable Find(BlockPool pool, int[] tokens, long version, string salt = "")
    {
        var table = new BlockTable(pool, Fours, 8);
        table.TakeFound(BlockKeys.Root(version, "", salt), tokens);
        return table;
    }
}
