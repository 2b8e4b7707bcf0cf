using System.Collections.Immutable;
using Orca.Serving.Checkpoints;

namespace Orca.Serving.Tests.Checkpoints;

public class TripwireTests
{
    private static readonly TripwireOptions Options = new();
    private static readonly VitalCounts Healthy = new(Draws: 20_000, NonFinite: 0, Answers: 1_000, Empty: 0, Ends: 900);

    [Fact]
    public async Task Logits_that_are_no_numbers_trip_at_the_third_draw()
    {
        var vitals = Watched(Healthy);
        vitals.Drew(isEnd: false, finite: false, position: 0);
        vitals.Drew(isEnd: false, finite: false, position: 0);
        Assert.False(vitals.Tripped.IsCompleted);
        vitals.Drew(isEnd: false, finite: false, position: 0);
        Assert.Contains("not finite in 3 of 3 draws", await vitals.Tripped);
    }

    [Fact]
    public void A_prompt_that_no_version_can_answer_costs_none_its_place()
    {
        // One draw in a hundred failed before, and fails still.
        var vitals = Watched(Healthy with { NonFinite = 200 });
        for (var i = 0; i < 20_000; i++)
        {
            vitals.Drew(isEnd: false, finite: i % 100 != 0, position: i % 20);
        }

        Assert.False(vitals.Tripped.IsCompleted);
    }

    [Fact]
    public void A_version_without_one_before_it_never_trips_by_a_few_failures()
    {
        var vitals = Watched(default);
        for (var i = 0; i < 10_000; i++)
        {
            vitals.Drew(isEnd: false, finite: i % 10 != 0, position: i % 20);
        }

        Assert.False(vitals.Tripped.IsCompleted);
    }

    [Fact]
    public async Task Answers_that_end_with_their_first_token_trip_once_there_are_enough_of_them()
    {
        var vitals = Watched(Healthy);
        for (var i = 0; i < Options.MinAnswers; i++)
        {
            Assert.False(vitals.Tripped.IsCompleted);
            vitals.Drew(isEnd: true, finite: true, position: 0);
        }

        Assert.Contains($"{Options.MinAnswers} of {Options.MinAnswers} answers ended with their first token", await vitals.Tripped);
    }

    [Fact]
    public void Students_whose_answers_were_empty_before_may_go_on_so()
    {
        var vitals = Watched(Healthy with { Empty = 700 });
        for (var i = 0; i < 3_000; i++)
        {
            vitals.Drew(isEnd: i % 10 < 8, finite: true, position: 0);
        }

        Assert.False(vitals.Tripped.IsCompleted);
    }

    [Fact]
    public void Learning_to_stop_is_no_fault_unless_a_bound_is_asked_for()
    {
        var before = new VitalCounts(Draws: 100_000, NonFinite: 0, Answers: 500, Empty: 0, Ends: 2);
        var now = new VitalCounts(Draws: 10_000, NonFinite: 0, Answers: 1_000, Empty: 3, Ends: 990);
        Assert.Null(Tripwires.Judge(now, before, Options));
        Assert.Contains("times shorter", Tripwires.Judge(now, before, Options with { MaxLengthChange = 8 }));
        Assert.Contains("times longer", Tripwires.Judge(before, now, Options with { MaxLengthChange = 8 }));
        Assert.Null(Tripwires.Judge(now, now, Options with { MaxLengthChange = 1.01 }));
    }

    [Fact]
    public void Healthy_versions_are_not_rolled_back_by_chance()
    {
        // 400 versions whose students are all the same, each looked at after every one of its answers.
        var random = new Random(5);
        var options = Options with { MaxLengthChange = 2, MaxEmptyIncrease = 0.05, WatchedAnswers = 500 };
        var before = new VersionVitals();
        var trips = 0;
        for (var version = 0; version < 400; version++)
        {
            var vitals = new VersionVitals();
            vitals.Begin(vitals.CountsOfCallers, before.CountsOfCallers, options);
            Answer(vitals, random, answers: 500);
            trips += vitals.Tripped.IsCompleted ? 1 : 0;
            before = vitals;
        }

        Assert.Equal(0, trips);
    }

    [Fact]
    public void After_its_watch_a_version_is_left_alone()
    {
        var vitals = Watched(Healthy);
        for (var i = 0; i < Options.WatchedAnswers; i++)
        {
            vitals.Drew(isEnd: false, finite: true, position: 0);
        }

        for (var i = 0; i < 10_000; i++)
        {
            vitals.Drew(isEnd: true, finite: i % 2 == 0, position: 0);
        }

        Assert.False(vitals.Tripped.IsCompleted);
    }

    [Fact]
    public void What_a_version_did_before_its_watch_does_not_count()
    {
        var vitals = new VersionVitals();
        for (var i = 0; i < 100; i++)
        {
            vitals.Drew(isEnd: true, finite: true, position: 0);
        }

        vitals.Begin(vitals.CountsOfCallers, Of(("", Healthy)), Options);
        for (var i = 0; i < 200; i++)
        {
            vitals.Drew(isEnd: false, finite: true, position: 0);
        }

        Assert.False(vitals.Tripped.IsCompleted);
        Assert.Equal((300L, 100L), (vitals.Counts.Answers, vitals.Counts.Empty));
    }

    // Prompts that any student answers by its end alone are easily found.
    [Fact]
    public void One_callers_empty_answers_take_no_version_back_where_others_are_answered()
    {
        var vitals = new VersionVitals();
        vitals.Begin(vitals.CountsOfCallers, Of(("alice", Healthy)), Options);
        for (var i = 0; i < 1_000; i++)
        {
            vitals.Drew(isEnd: true, finite: true, position: 0, "mallory");
            if (i % 10 == 0)
            {
                vitals.Drew(isEnd: false, finite: true, position: 0, "alice");
            }
        }

        Assert.False(vitals.Tripped.IsCompleted);
    }

    [Fact]
    public async Task Empty_answers_of_several_callers_take_it_back_and_those_of_the_only_one_do()
    {
        foreach (var callers in new[] { ["alice", "bob"], new[] { "alice" } })
        {
            var vitals = new VersionVitals();
            vitals.Begin(vitals.CountsOfCallers, Of([.. callers.Select(caller => (caller, Healthy))]), Options);
            for (var i = 0; i < Options.MinAnswers * callers.Length; i++)
            {
                vitals.Drew(isEnd: true, finite: true, position: 0, callers[i % callers.Length]);
            }

            Assert.Contains("answers ended with their first token", await vitals.Tripped);
        }
    }

    [Fact]
    public async Task Logits_that_are_no_numbers_are_the_versions_fault_whoever_meets_them()
    {
        var vitals = new VersionVitals();
        vitals.Begin(vitals.CountsOfCallers, Of(("alice", Healthy), ("bob", Healthy)), Options);
        for (var i = 0; i < 3; i++)
        {
            vitals.Drew(isEnd: false, finite: false, position: 0, "bob");
        }

        Assert.Contains("not finite", await vitals.Tripped);
    }

    [Theory]
    [InlineData(0, 10, 0.3, 1)]
    [InlineData(1, 1, 0.25, 0.25)]
    [InlineData(2, 3, 0.5, 0.5)]
    [InlineData(10, 10, 0.5, 0.0009765625)]
    [InlineData(3, 20, 0, 0)]
    [InlineData(3, 20, 1, 1)]
    public void The_tail_of_a_binomial_distribution_is_exact(long events, long trials, double share, double wanted) =>
        Assert.Equal(wanted, Binomial.AtLeast(events, trials, share), 12);

    [Fact]
    public void Wilsons_bounds_hold_the_share_and_close_in()
    {
        Assert.Equal((0.0, 1.0), (Binomial.Lower(0, 0, 4), Binomial.Upper(0, 0, 4)));
        Assert.Equal(0.2366, Binomial.Lower(5, 10, 1.96), 4);
        Assert.Equal(0.7634, Binomial.Upper(5, 10, 1.96), 4);
        Assert.True(Binomial.Upper(50, 100, 4) - Binomial.Lower(50, 100, 4) < Binomial.Upper(5, 10, 4) - Binomial.Lower(5, 10, 4));
    }

    private static VersionVitals Watched(VitalCounts before)
    {
        var vitals = new VersionVitals();
        vitals.Begin(vitals.CountsOfCallers, Of(("", before)), Options);
        return vitals;
    }

    private static ImmutableDictionary<string, VitalCounts> Of(params (string Caller, VitalCounts Counts)[] callers) =>
        callers.ToImmutableDictionary(caller => caller.Caller, caller => caller.Counts);

    private static void Answer(VersionVitals vitals, Random random, int answers)
    {
        for (var answer = 0; answer < answers; answer++)
        {
            // One in fifty is empty; the others end at every 20th token, or are cut at 30.
            for (var position = 0; position < 30; position++)
            {
                var isEnd = random.NextDouble() < (position == 0 ? 0.02 : 0.05);
                vitals.Drew(isEnd, finite: true, position);
                if (isEnd)
                {
                    break;
                }
            }
        }
    }
}
