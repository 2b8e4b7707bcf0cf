using CsCheck;
using Orca.Serving.Admission;

namespace Orca.Serving.Tests.Admission;

/// <summary>Callers share the engine by their keys, whatever tenants they name, and one's flood fills the queue for itself alone.</summary>
public class CallerFairnessTests
{
    [Fact]
    public void Whatever_tenants_two_callers_name_what_each_is_given_differs_by_one_largest_request_of_each_at_most()
    {
        var requests = Gen.Select(Gen.Int[0, 9], Gen.Int[1, 5_000]).Array[1, 60];
        Gen.Select(requests, requests).Sample((attack, ask) =>
        {
            var queue = new FairQueue<int>(_ => 1);
            foreach (var ((tenant, tokens), caller) in attack.Select(a => (a, "attacker")).Concat(ask.Select(a => (a, "victim"))))
            {
                queue.Add(TicketOf(caller, $"{tenant}", tokens));
            }

            var bound = attack.Max(a => a.Item2) + ask.Max(a => a.Item2);
            var difference = 0L;
            while (queue.CallerOf("attacker").Waiting > 0 && queue.CallerOf("victim").Waiting > 0)
            {
                var taken = queue.Take(_ => true)!;
                difference += taken.Caller == "victim" ? taken.Tokens : -taken.Tokens;
                Assert.InRange(difference, -bound, bound);
            }
        });
    }

    [Fact]
    public void Tenants_of_one_caller_share_what_it_has()
    {
        var queue = new FairQueue<int>(_ => 1);
        for (var i = 0; i < 12; i++)
        {
            queue.Add(TicketOf("one", i % 3 == 0 ? "a" : "b", 100));
            queue.Add(TicketOf("other", "", 100));
        }

        var taken = Enumerable.Range(0, 8).Select(_ => queue.Take(_ => true)!).Select(ticket => ticket.Caller + ticket.Tenant).ToList();
        Assert.Equal((2, 2, 4), (taken.Count(t => t == "onea"), taken.Count(t => t == "oneb"), taken.Count(t => t == "other")));
    }

    [Fact]
    public void What_a_request_did_not_use_is_given_back_to_its_caller()
    {
        var queue = new FairQueue<int>(_ => 1);
        for (var i = 0; i < 3; i++)
        {
            queue.Add(TicketOf("one", "", 1_000));
            queue.Add(TicketOf("other", "", 1_000));
        }

        queue.Settle(queue.Take(_ => true)!, unused: 999);
        Assert.Equal(["other", "one", "other"], Enumerable.Range(0, 3).Select(_ => queue.Take(_ => true)!.Caller));
    }

    [Fact]
    public void Looking_for_one_that_fits_tries_few_of_a_callers_tenants()
    {
        var queue = new FairQueue<int>(_ => 1);
        for (var i = 0; i < 500; i++)
        {
            queue.Add(TicketOf("attacker", $"{i}", 10));
        }

        queue.Add(TicketOf("victim", "", 10));
        var tried = 0;
        var taken = queue.Take(item =>
        {
            tried++;
            return item == "victim".Length;
        });
        Assert.Equal(("victim", true), (taken!.Caller, tried <= 20));
    }

    [Fact]
    public void In_a_full_queue_the_caller_with_most_gives_way_until_both_have_as_much()
    {
        var queue = new FairQueue<int>(_ => 1);
        for (var i = 0; i < 10; i++)
        {
            queue.Add(TicketOf("attacker", $"{i}", 10, rank: i));
        }

        var newcomers = 0;
        while (Displacement.For(queue, TicketOf("victim", "", 10), maxRequests: 10, maxTokens: 1_000) is { } leaving)
        {
            Assert.Equal(9 - newcomers, Assert.Single(leaving).Rank);
            queue.Remove(leaving[0]);
            queue.Add(TicketOf("victim", "", 10));
            newcomers++;
        }

        Assert.Equal((5, 5), (queue.CallerOf("victim").Waiting, queue.CallerOf("attacker").Waiting));
        Assert.Null(Displacement.For(queue, TicketOf("attacker", "another", 10), maxRequests: 10, maxTokens: 1_000));
    }

    [Fact]
    public void Whoever_leaves_the_newcomer_has_room_and_no_more_than_they_had()
    {
        Gen.Select(Gen.Select(Gen.Int[0, 3], Gen.Int[1, 50]).Array[1, 30], Gen.Int[1, 100], Gen.Int[1, 30], Gen.Int[50, 500]).Sample((waiting, tokens, most, mostTokens) =>
        {
            var queue = new FairQueue<int>(_ => 1);
            foreach (var (caller, size) in waiting)
            {
                queue.Add(TicketOf($"{caller}", "", size));
            }

            var ticket = TicketOf("0", "", tokens);
            if (Displacement.For(queue, ticket, most, mostTokens) is not { } leaving)
            {
                return;
            }

            foreach (var leaver in leaving)
            {
                var (has, comes) = (queue.CallerOf(leaver.Caller), queue.CallerOf("0"));
                Assert.True(has.Waiting > comes.Waiting + 1 || has.WaitingTokens > comes.WaitingTokens + tokens);
                Assert.NotEqual("0", leaver.Caller);
                Assert.True(queue.Remove(leaver));
            }

            Assert.True(queue.Count < most && (queue.Count == 0 || queue.Tokens + tokens <= mostTokens));
        });
    }

    private static Ticket<int> TicketOf(string caller, string tenant, int tokens, long rank = 0) =>
        new(caller.Length, tenant, tokens, rank) { Caller = caller };
}
