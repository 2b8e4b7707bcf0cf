using CsCheck;
using Orca.Serving.Admission;
using Orca.Serving.Requests;

namespace Orca.Serving.Tests.Admission;

/// <summary>Pitfall 20: who sends much, or long prompts, does not starve who sends little.</summary>
public class FairQueueTests
{
    private const int Tenants = 4;
    private const int Ageing = 1_000;

    private static readonly Gen<Arrival[]> Arrivals =
        Gen.Select(Gen.Int[0, Tenants - 1], Gen.Int[1, 5_000], Gen.Enum<Priority>(), Gen.Int[0, 300])
            .Select((tenant, tokens, priority, after) => new Arrival(tenant, tokens, priority, after)).Array[1, 80];

    private static readonly Gen<double[]> Weights = Gen.Double[0.1, 10].Array[Tenants];

    [Fact]
    public void While_two_tenants_wait_what_each_is_given_for_its_weight_differs_by_one_largest_request_of_each_at_most()
    {
        Gen.Select(Arrivals, Weights, Gen.Int[0, Tenants - 1], Gen.Int[0, Tenants - 1]).Sample((arrivals, weights, one, other) =>
        {
            var queue = new FairQueue<Arrival>(tenant => tenant.Length == 0 ? 1 : weights[int.Parse(tenant)]);
            AddAll(queue, arrivals);
            double Most(int tenant) =>
                arrivals.Where(a => a.Tenant == tenant).Select(a => a.Tokens / weights[tenant]).DefaultIfEmpty().Max();

            // What each had before every turn at which both waited: the bound holds between any two of them.
            var turns = new List<double>();
            var given = new double[Tenants];
            while (queue.LineOf($"{one}").Waiting > 0 && queue.LineOf($"{other}").Waiting > 0)
            {
                turns.Add(given[one] - given[other]);
                var taken = queue.Take(_ => true)!.Item;
                given[taken.Tenant] += taken.Tokens / weights[taken.Tenant];
            }

            turns.Add(given[one] - given[other]);
            Assert.True(turns.Max() - turns.Min() <= Most(one) + Most(other) + 1e-6);
        });
    }

    [Fact]
    public void Whatever_an_attacker_sends_a_victims_request_waits_for_one_of_the_attackers_at_most_once_its_own_turn_has_come()
    {
        Gen.Select(Gen.Int[1, 200_000].Array[1, 60], Gen.Int[1, 500].Array[1, 20]).Sample((attack, victim) =>
        {
            var queue = new FairQueue<Arrival>(_ => 1);
            AddAll(queue, [.. attack.Select(tokens => new Arrival(0, tokens, Priority.High, 0))]);
            AddAll(queue, [.. victim.Select(tokens => new Arrival(1, tokens, Priority.Low, 0))]);
            var (attacked, served) = (0L, 0L);
            while (queue.LineOf("1").Waiting > 0)
            {
                var taken = queue.Take(_ => true)!.Item;
                (attacked, served) = taken.Tenant == 0 ? (attacked + taken.Tokens, served) : (attacked, served + taken.Tokens);
                Assert.True(attacked <= served + victim.Max() + attack.Max());
            }
        });
    }

    [Fact]
    public void Of_one_tenant_nothing_is_overtaken_by_what_came_later_than_its_priority_is_worth()
    {
        Arrivals.Sample(arrivals =>
        {
            var queue = new FairQueue<Arrival>(_ => 1);
            var times = AddAll(queue, arrivals);
            var taken = new List<Arrival>();
            while (queue.Take(_ => true) is { } next)
            {
                foreach (var overtaken in arrivals.Where(a => a.Tenant == next.Item.Tenant && !ReferenceEquals(a, next.Item) && !taken.Contains(a)))
                {
                    var levels = (int)next.Item.Priority - (int)overtaken.Priority;
                    Assert.True(times[next.Item] - times[overtaken] <= levels * Ageing);
                }

                taken.Add(next.Item);
            }

            Assert.Equal(arrivals.Length, taken.Count);
        });
    }

    [Fact]
    public void What_does_not_fit_lets_others_pass_a_bounded_number_of_times_and_then_holds_them()
    {
        Gen.Select(Arrivals, Gen.Int[1, 5_000]).Sample((arrivals, room) =>
        {
            var queue = new FairQueue<Arrival>(_ => 1);
            AddAll(queue, arrivals);
            while (queue.Take(a => a.Tokens <= room) is { } taken)
            {
                Assert.True(taken.Item.Tokens <= room);
            }

            // What is left fits nobody's place, or stands behind one that does not; with room enough it all goes.
            Assert.All(Drain(queue), ticket => Assert.True(ticket.PassedOver <= FairQueue<Arrival>.MaxPassedOver));
        });
    }

    [Fact]
    public void One_that_never_fits_is_passed_over_exactly_as_often_as_it_may_be()
    {
        var queue = new FairQueue<Arrival>(_ => 1);
        AddAll(
            queue,
            [new Arrival(0, 5_000, Priority.Normal, 0), .. Enumerable.Range(0, 100).Select(_ => new Arrival(1, 1, Priority.Normal, 0))]);
        var passed = 0;
        while (queue.Take(a => a.Tokens == 1) is not null)
        {
            passed++;
        }

        Assert.Equal(FairQueue<Arrival>.MaxPassedOver, passed);
        Assert.Equal(5_000, queue.Take(_ => true)!.Tokens);
    }

    [Fact]
    public void A_tenant_is_given_back_what_its_answer_did_not_use()
    {
        var queue = new FairQueue<Arrival>(_ => 1);
        AddAll(queue, [.. Enumerable.Range(0, 4).Select(i => new Arrival(i % 2, 1_000, Priority.Normal, 0))]);
        var first = queue.Take(_ => true)!;
        queue.Settle(first, unused: 999);

        // The first tenant has had one token, the second a thousand after its turn.
        Assert.Equal([1, 0, 1], [.. Drain(queue).Select(ticket => ticket.Item.Tenant)]);

        AddAll(queue, [.. Enumerable.Range(0, 4).Select(i => new Arrival(i % 2, 1_000, Priority.Normal, 0))]);
        Assert.Equal([0, 1, 0, 1], [.. Drain(queue).Select(ticket => ticket.Item.Tenant)]);
    }

    [Fact]
    public void Who_comes_back_after_a_pause_has_saved_nothing_up()
    {
        var queue = new FairQueue<Arrival>(_ => 1);
        AddAll(queue, [.. Enumerable.Range(0, 50).Select(_ => new Arrival(0, 100, Priority.Normal, 0))]);
        for (var i = 0; i < 40; i++)
        {
            queue.Take(_ => true);
        }

        AddAll(queue, [.. Enumerable.Range(0, 50).Select(_ => new Arrival(1, 100, Priority.Normal, 0))]);
        var next = Enumerable.Range(0, 10).Select(_ => queue.Take(_ => true)!.Item.Tenant).ToList();
        Assert.Equal(5, next.Count(tenant => tenant == 0));
    }

    [Fact]
    public void Counts_and_tokens_are_those_of_what_waits_whatever_comes_and_goes()
    {
        Gen.Select(Arrivals, Gen.Int[0, 2].Array[80]).Sample((arrivals, moves) =>
        {
            var queue = new FairQueue<Arrival>(_ => 1);
            var waiting = new List<Ticket<Arrival>>();
            foreach (var (arrival, move) in arrivals.Zip(moves))
            {
                var ticket = TicketOf(arrival, 0);
                queue.Add(ticket);
                waiting.Add(ticket);
                if (move == 1)
                {
                    waiting.Remove(queue.Take(_ => true)!);
                }
                else if (move == 2)
                {
                    Assert.True(queue.Remove(ticket));
                    Assert.False(queue.Remove(ticket));
                    waiting.Remove(ticket);
                }

                Assert.Equal((waiting.Count, waiting.Sum(t => t.Tokens)), (queue.Count, queue.Tokens));
            }
        });
    }

    [Fact]
    public void Made_up_tenants_do_not_fill_memory_and_their_requests_are_still_settled()
    {
        var queue = new FairQueue<int>(_ => 1);
        for (var i = 0; i < 5_000; i++)
        {
            queue.Add(new Ticket<int>(i, $"tenant {i}", 10, i));
            var taken = queue.Take(_ => true)!;
            queue.Settle(taken, 5);
        }

        Assert.True(queue.Tenants <= 1_024);
    }

    private static Dictionary<Arrival, int> AddAll(FairQueue<Arrival> queue, IReadOnlyList<Arrival> arrivals)
    {
        var times = new Dictionary<Arrival, int>();
        var now = 0;
        foreach (var arrival in arrivals)
        {
            now += arrival.After;
            times.Add(arrival, now);
            queue.Add(TicketOf(arrival, now));
        }

        return times;
    }

    private static Ticket<Arrival> TicketOf(Arrival arrival, int now) =>
        new(arrival, $"{arrival.Tenant}", arrival.Tokens, Ticket<Arrival>.RankOf(now, arrival.Priority, Ageing));

    private static List<Ticket<Arrival>> Drain(FairQueue<Arrival> queue)
    {
        var drained = new List<Ticket<Arrival>>();
        while (queue.Take(_ => true) is { } taken)
        {
            drained.Add(taken);
        }

        return drained;
    }

    /// <summary>A request, told apart from others of the same values.</summary>
    private sealed class Arrival(int tenant, int tokens, Priority priority, int after)
    {
        public int Tenant => tenant;

        public int Tokens => tokens;

        public Priority Priority => priority;

        public int After => after;

        public override string ToString() => $"{tenant}: {tokens} tokens, {priority}, {after} later";
    }
}
