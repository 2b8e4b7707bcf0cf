namespace Orca.Serving.Batching;

/// <summary>Compares what a pool says of its blocks with what the tables say.</summary>
internal static class BlockAudit
{
    /// <summary>Throws where the two differ.</summary>
    /// <param name="pool">The pool.</param>
    /// <param name="tables">Every table that has blocks of it.</param>
    /// <exception cref="EngineInvariantException">A block is lost, counted wrongly, or two things at once.</exception>
    public static void Check(BlockPool pool, IEnumerable<BlockTable> tables)
    {
        var users = new int[pool.Count];
        foreach (var block in tables.SelectMany(table => table.Blocks.ToArray()))
        {
            users[block]++;
        }

        EngineInvariantException.Require(
            pool.Free + pool.Used + pool.Cached == pool.Count,
            $"{pool.Free} free, {pool.Used} used and {pool.Cached} cached blocks are not {pool.Count}");
        var (free, used, cached, named) = (0, 0, 0, 0);
        for (var block = 0; block < pool.Count; block++)
        {
            var isCached = pool.Prefixes.IsParked(block);
            EngineInvariantException.Require(
                users[block] == pool.UsersOf(block), $"block {block} has {users[block]} users and counts {pool.UsersOf(block)}");
            EngineInvariantException.Require(
                (pool.IsFree(block) ? 1 : 0) + (users[block] > 0 ? 1 : 0) + (isCached ? 1 : 0) == 1,
                $"block {block} is not exactly one of free, used and cached");
            EngineInvariantException.Require(!isCached || pool.Prefixes.IsNamed(block), $"block {block} is cached but cannot be found");
            EngineInvariantException.Require(
                pool.Prefixes.IsNamed(block) == (pool.Prefixes.NamesOf(block) > 0),
                $"block {block} has {pool.Prefixes.NamesOf(block)} names");
            EngineInvariantException.Require(
                !pool.IsFree(block) || !pool.Prefixes.IsNamed(block), $"block {block} is free but can be found");
            EngineInvariantException.Require(
                !pool.IsFree(block) || pool.Held.In(block) == 0, $"block {block} is free but holds {pool.Held.In(block)} tokens");
            free += pool.IsFree(block) ? 1 : 0;
            used += users[block] > 0 ? 1 : 0;
            cached += isCached ? 1 : 0;
            named += pool.Prefixes.NamesOf(block);
        }

        EngineInvariantException.Require(
            (free, used, cached, named) == (pool.Free, pool.Used, pool.Cached, pool.Prefixes.Names),
            $"the pool counts {pool.Free} free, {pool.Used} used, {pool.Cached} cached, {pool.Prefixes.Names} names; there are {free}, "
                + $"{used}, {cached}, {named}");
    }
}
