using System.Collections.Immutable;
using CsCheck;
using Orca.Streams.Tasks;
using Orca.Streams.Tests.Support;

namespace Orca.Streams.Tests.Tasks;

public sealed class TaskSamplerTests
{
    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_question_comes_once_in_a_pass_and_then_there_is_none()
    {
        await using var sampler = Sampler();

        var drawn = await DrawAsync(sampler, Mixture.Even, 1000);

        Assert.Equal(90, drawn.Count);
        Assert.Equal(90, drawn.Distinct().Count());
        Assert.True(sampler.IsExhausted);
    }

    [Fact]
    public async Task Collections_come_by_their_weights()
    {
        await using var sampler = new TaskSampler([ListSource.Of("a", 5000), ListSource.Of("b", 5000), ListSource.Of("c", 5000)]);

        var drawn = await DrawAsync(sampler, Mixture.Of([new("a", 3), new("c", 0)]), 2000);

        Assert.InRange(drawn.Count(prompt => prompt.StartsWith('a')), 1400, 1600);
        Assert.InRange(drawn.Count(prompt => prompt.StartsWith('b')), 400, 600);
        Assert.DoesNotContain(drawn, prompt => prompt.StartsWith('c'));
    }

    [Fact]
    public async Task A_used_up_source_leaves_and_the_others_go_on()
    {
        await using var sampler = Sampler();

        await DrawAsync(sampler, Mixture.Of([new("b", 1000)]), 45);

        Assert.True(sampler.State.Sources.Single(source => source.Source == "b").Position == 30);
        Assert.Equal(45, (await DrawAsync(sampler, Mixture.Of([new("b", 1000)]), 100)).Count);
    }

    [Fact]
    public async Task What_weighs_nothing_is_left_but_not_used_up()
    {
        await using var sampler = Sampler();

        Assert.Equal(60, (await DrawAsync(sampler, Mixture.Of([new("b", 0)]), 100)).Count);
        Assert.False(sampler.IsExhausted);
        Assert.Equal(30, (await DrawAsync(sampler, Mixture.Even, 100)).Count);
    }

    [Fact]
    public async Task A_new_pass_goes_on_where_the_last_one_stopped_and_gives_every_question_once_more()
    {
        await using var sampler = new TaskSampler([ListSource.Of("a", 10)]);
        await DrawAsync(sampler, Mixture.Even, 4);

        await sampler.BeginPassAsync();
        var second = await DrawAsync(sampler, Mixture.Even, 100);
        await sampler.BeginPassAsync();
        var third = await DrawAsync(sampler, Mixture.Even, 100);

        Assert.Equal([4, 5, 6, 7, 8, 9, 0, 1, 2, 3], second.Select(prompt => int.Parse(prompt.Split(' ')[^1])));
        Assert.Equal(second, third);
    }

    [Fact]
    public void A_saved_state_goes_on_with_the_very_next_question() =>
        Gen.Select(Gen.Int[0, 200], Gen.Int[0, 60], Gen.Int[0, 5]).Sample(
            (before, inSecondPass, weight) =>
            {
                var (whole, resumed) = ReplayAsync(before, inSecondPass, weight).GetAwaiter().GetResult();
                Assert.Equal(whole, resumed);
            },
            iter: 60,
            threads: 1);

    [Fact]
    public async Task After_a_cancelled_draw_the_source_goes_on_without_a_gap()
    {
        await using var sampler = new TaskSampler([ListSource.Of("a", 10)]);
        var first = await DrawAsync(sampler, Mixture.Even, 3);
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await sampler.RestoreAsync(sampler.State);
        await Assert.ThrowsAsync<OperationCanceledException>(async () => await sampler.NextAsync(Mixture.Even, cancelled.Token));

        first.AddRange(await DrawAsync(sampler, Mixture.Even, 100));

        Assert.Equal(Enumerable.Range(0, 10).Select(number => $"a question {number}"), first);
    }

    [Fact]
    public async Task A_file_that_changes_while_it_is_read_is_told_once_and_the_others_go_on()
    {
        using var folder = new TemporaryFolder();
        folder.Write("a.tsv", "q1\t1\te\nq2\t2\te\n");
        folder.Write("b.tsv", "q3\t1\te\nq4\t2\te\n");
        await using var sampler = new TaskSampler([.. TaskSpec.Of($"flan-cot:{folder.Path}").Open()]);
        var faults = new List<SourceFault>();
        using var subscription = sampler.Faults.Subscribe(faults.Add);
        folder.Write("a.tsv", "another\t1\te\n");

        Assert.Equal(["q3", "q4"], await DrawAsync(sampler, Mixture.Even, 10));
        await sampler.BeginPassAsync();
        Assert.Equal(["q3", "q4"], (await DrawAsync(sampler, Mixture.Even, 10)).Order());
        Assert.Contains("a.tsv' has changed since it was read first", Assert.Single(faults).Message);
    }

    [Fact]
    public async Task What_is_left_out_is_drawn_and_not_given_and_no_position_moves_for_it()
    {
        await using var all = Sampler();
        await using var some = new TaskSampler(
            [ListSource.Of("a", 60), ListSource.Of("b", 30)],
            new SamplerOptions { Seed = 9, IsLeftOut = query => query.Prompt.EndsWith('7') });

        Assert.Equal(
            (await DrawAsync(all, Mixture.Even, 100)).Where(prompt => !prompt.EndsWith('7')).Order(),
            (await DrawAsync(some, Mixture.Even, 100)).Order());
        Assert.Equal(all.State.Sources, some.State.Sources);
    }

    [Fact]
    public async Task A_collection_gives_its_quota_in_each_pass_and_no_more()
    {
        await using var sampler = new TaskSampler(
            [ListSource.Of("a", 60), ListSource.Of("b", 30)],
            new SamplerOptions { Quotas = ImmutableSortedDictionary<string, long>.Empty.Add("a", 12).Add("b", 0) });

        Assert.Equal(12, (await DrawAsync(sampler, Mixture.Even, 100)).Count);
        Assert.True(sampler.IsExhausted);
        await sampler.BeginPassAsync();
        Assert.False(sampler.IsExhausted);
        Assert.Equal(12, (await DrawAsync(sampler, Mixture.Even, 100)).Count);
    }

    [Fact]
    public async Task A_second_stage_is_given_a_random_part_of_the_questions_of_the_first()
    {
        var quotas = ImmutableSortedDictionary<string, long>.Empty.Add("a", 2000);
        await using var sampler = new TaskSampler([ListSource.Of("a", 5000)], new SamplerOptions { Quotas = quotas });

        var first = await DrawAsync(sampler, Mixture.Even, 10_000);
        await sampler.BeginAgainAsync(0.2);
        var second = await DrawAsync(sampler, Mixture.Even, 100);
        var (state, rest) = (sampler.State, await DrawAsync(sampler, Mixture.Even, 10_000));

        Assert.InRange(second.Count + rest.Count, 340, 460);
        Assert.Empty(second.Concat(rest).Except(first));
        Assert.True(sampler.IsExhausted);

        await using var again = new TaskSampler([ListSource.Of("a", 5000)], new SamplerOptions { Quotas = quotas });
        await again.RestoreAsync(state);
        Assert.Equal(rest, await DrawAsync(again, Mixture.Even, 10_000));
    }

    [Fact]
    public async Task A_source_whose_questions_have_changed_begins_anew_and_that_is_told()
    {
        using var folder = new TemporaryFolder();
        folder.Write("rows.jsonl", string.Concat(Enumerable.Range(0, 12).Select(n => $"{{\"prompt\": \"a{n}\"}}\n")));
        await using var first = new TaskSampler([.. TaskSpec.Of($"jsonl:{folder.Path}").Open()]);
        await DrawAsync(first, Mixture.Even, 10);

        folder.Write("more.jsonl", "{\"prompt\": \"new\"}\n");
        await using var second = new TaskSampler([.. TaskSpec.Of($"jsonl:{folder.Path}").Open()]);
        var faults = new List<SourceFault>();
        using var subscription = second.Faults.Subscribe(faults.Add);
        await second.RestoreAsync(first.State);

        Assert.Contains("not those of the last run", Assert.Single(faults).Message);
        Assert.Equal(13, (await DrawAsync(second, Mixture.Even, 100)).Count);
    }

    [Fact]
    public async Task A_source_that_is_what_it_was_goes_on_where_it_stopped_whatever_its_time()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("rows.jsonl", string.Concat(Enumerable.Range(0, 12).Select(n => $"{{\"prompt\": \"a{n}\"}}\n")));
        await using var first = new TaskSampler([.. TaskSpec.Of($"jsonl:{path}").Open()]);
        await DrawAsync(first, Mixture.Even, 10);

        File.SetLastWriteTimeUtc(path, DateTime.UnixEpoch);
        await using var second = new TaskSampler([.. TaskSpec.Of($"jsonl:{path}").Open()]);
        await second.RestoreAsync(first.State);

        Assert.Equal(["a10", "a11"], await DrawAsync(second, Mixture.Even, 100));
    }

    [Fact]
    public void No_source_or_the_same_one_twice_is_refused()
    {
        Assert.Throws<TaskFormatException>(() => new TaskSampler([]));
        Assert.Contains(
            "'a'", Assert.Throws<TaskFormatException>(() => new TaskSampler([ListSource.Of("a", 1), ListSource.Of("a", 2)])).Message);
    }

    [Fact]
    public void Unknown_kinds_of_tasks_are_refused_with_a_list_of_the_known_ones()
    {
        using var folder = new TemporaryFolder();
        folder.Write("t.tsv", "q\t1\te\n");

        Assert.Equal("cot", TaskSpec.Of($"flan-cot:{folder.Path}").Open().Single().Collection);
        Assert.Equal("reasoning", TaskSpec.Of("reasoning").Open().Single().Collection);
        Assert.Equal("reasoning", TaskSpec.Of("reasoning: navigate, web_of_lies").Open().Single().Collection);
        foreach (var (wrong, expected) in new[]
                 {
                     ("flan", "natural-instructions:PATH"), ("", "natural-instructions:PATH"), (":", "natural-instructions:PATH"),
                     ("flan-cot", "flan-cot:PATH"), ("flan-cot:", "flan-cot:PATH"), ("jsonl:", "jsonl:PATH"),
                     ("jsonl:/nowhere", "does not exist"),
                 })
        {
            Assert.Contains(expected, Assert.Throws<TaskFormatException>(() => TaskSpec.Of(wrong).Open()).Message);
        }
    }

    [Fact]
    public void Weights_that_are_no_numbers_of_zero_or_more_are_refused()
    {
        foreach (var weight in new[] { -1, double.NaN, double.PositiveInfinity })
        {
            Assert.Contains("'a'", Assert.Throws<ArgumentException>(() => Mixture.Of([new("a", weight)])).Message);
        }

        Assert.Equal(Mixture.Of([new("a", 2), new("b", 1)]), Mixture.Of([new("b", 1)]).With([new("a", 2)]));
    }

    private static TaskSampler Sampler() => new(
        [ListSource.Of("a", 60), ListSource.Of("b", 30)], new SamplerOptions { Seed = 9 });

    private static async Task<(List<string> Whole, List<string> Resumed)> ReplayAsync(int before, int inSecondPass, int weight)
    {
        var mixture = Mixture.Of([new("b", weight)]);
        await using var first = Sampler();
        await DrawAsync(first, mixture, before);
        await first.BeginPassAsync();
        await DrawAsync(first, mixture, inSecondPass);
        var state = System.Text.Json.JsonSerializer.Deserialize<SamplerState>(System.Text.Json.JsonSerializer.Serialize(first.State))!;
        var whole = await DrawAsync(first, mixture, 1000);
        await using var second = Sampler();
        await second.RestoreAsync(state);
        return (whole, await DrawAsync(second, mixture, 1000));
    }

    private static async Task<List<string>> DrawAsync(TaskSampler sampler, Mixture mixture, int most)
    {
        var drawn = new List<string>();
        while (drawn.Count < most && await sampler.NextAsync(mixture, Cancelled) is { } query)
        {
            drawn.Add(query.Prompt);
        }

        return drawn;
    }
}
