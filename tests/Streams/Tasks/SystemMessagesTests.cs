using Orca.Streams.Tasks;
using Orca.Tests.Shared;

namespace Orca.Streams.Tests.Tasks;

public sealed class SystemMessagesTests
{
    private const string ChoicePrompt = "Which is a fruit?\nOptions:\n(A) plum\n(B) lamp";

    private static readonly SystemMessages Messages = new(SystemMessages.BuiltIn, seed: 1);

    private static TaskQuery Query(string collection, int number, bool choice = false)
    {
        var prompt = choice ? $"{ChoicePrompt} {number}" : $"Question {number}";
        return new TaskQuery
        {
            Id = TaskQuery.IdOf(collection, "task", prompt, null),
            Collection = collection,
            Task = "task",
            Prompt = prompt,
        };
    }

    public static TheoryData<string, string, bool, string> Uses => new()
    {
        { "cot", "expert", false, "6 11 16" },
        { "niv2", "expert", false, "1 2 5 7 9 12 13 14 15" },
        { "t0", "assistant", false, "1 2 3 5 7" },
        { "flan2021", "assistant", false, "3 4 7" },
        { "flan2021", "expert", true, "3 4 7 8:0.5 10:0.5" },
        { "reasoning", "assistant", false, "reasoning-answer reasoning-short" },
        { "reasoning", "expert", false, "reasoning-empty reasoning-steps" },
    };

    [Theory, MemberData(nameof(Uses))]
    public void Messages_are_chosen_as_often_as_their_weights_say(string collection, string stage, bool choice, string uses)
    {
        const int draws = 20_000;
        var weights = uses.Split(' ').Select(use => use.Split(':'))
            .ToDictionary(use => use[0], use => use.Length == 1 ? 1 : double.Parse(use[1]));
        var counts = Enumerable.Range(0, draws).CountBy(i => Messages.Choose(Query(collection, i, choice), stage).Id).ToDictionary();
        Assert.Equal(weights.Keys.Order(), counts.Keys.Order());

        var total = weights.Values.Sum();
        var chiSquare = weights.Sum(use => Math.Pow(counts[use.Key] - draws * use.Value / total, 2) / (draws * use.Value / total));
        Assert.InRange(chiSquare, 0, 28); // 8 degrees of freedom at most: beyond 28 lies one in two thousand
    }

    [Fact]
    public void There_are_sixteen_of_the_paper_and_8_and_10_are_for_multiple_choice_alone()
    {
        Assert.Equal(Enumerable.Range(1, 16).Select(number => $"{number}"), SystemMessages.BuiltIn.Take(16).Select(message => message.Id));
        Assert.Equal(["8", "10"], SystemMessages.BuiltIn.Where(message => message.MultipleChoiceOnly).Select(message => message.Id));
        Assert.Distinct(SystemMessages.BuiltIn.Take(16).Select(message => message.Text));
        Assert.Equal("", SystemMessages.BuiltIn[0].Text);
    }

    [Fact]
    public void Messages_of_the_built_in_tasks_are_short_and_no_stages_share_one()
    {
        var own = SystemMessages.BuiltIn.Where(message => message.UsedFor.Contains("reasoning")).ToArray();
        Assert.All(own, message => Assert.InRange(message.Text.Split(' ').Length, 1, 8));
        Assert.Distinct(own.Select(message => message.Text));
        Assert.All(own, message => Assert.Single(message.Stages));
    }

    [Fact]
    public void The_same_question_and_stage_get_the_same_message_and_another_seed_another_choice()
    {
        var (again, other) = (new SystemMessages(SystemMessages.BuiltIn, seed: 1), new SystemMessages(SystemMessages.BuiltIn, seed: 2));
        var queries = Enumerable.Range(0, 200).Select(i => Query("niv2", i)).ToArray();
        Assert.All(queries, query => Assert.Equal(Messages.Choose(query, "expert"), again.Choose(query, "expert")));
        Assert.Contains(queries, query => Messages.Choose(query, "expert") != other.Choose(query, "expert"));
        Assert.Contains(queries, query => Messages.Choose(query, "expert") != Messages.Choose(query, "assistant"));
    }

    [Fact]
    public void A_message_the_source_prescribes_stays()
    {
        Assert.Equal("Speak Latin.", Messages.Choose(Query("t0", 1) with { SystemMessage = "Speak Latin." }, "expert").Text);
        Assert.Equal("", Messages.Choose(Query("t0", 1) with { SystemMessage = "" }, "expert").Text);
    }

    [Fact]
    public void A_collection_without_messages_gets_the_empty_one() => Assert.Equal("", Messages.Choose(Query("letters", 1), "expert").Text);

    [Fact]
    public void The_built_in_texts_are_not_those_of_the_paper_but_used_alike()
    {
        var published = SystemMessageFile.Read(SharedData.Require("orca/system_messages.json"));
        Assert.Equal(16, published.Length);
        foreach (var (paper, own) in published.Zip(SystemMessages.BuiltIn))
        {
            Assert.Equal(paper.Id, own.Id);
            Assert.Equal(paper.UsedFor.Order(), own.UsedFor.Order());
            Assert.Equal((paper.MultipleChoiceOnly, paper.Weight), (own.MultipleChoiceOnly, own.Weight));
            Assert.True(own.Text.Length == 0 || own.Text != paper.Text);
        }
    }

    [Fact]
    public void A_file_of_our_own_form_is_read()
    {
        var messages = Read("""[{"id":1,"text":"Be brief.","used_for":["cot"],"stages":["assistant"],"weight":2},{"id":"b","text":"","used_for":["cot","t0"],"multiple_choice_only":true}]""");
        Assert.Equal(["1", "b"], messages.Select(message => message.Id));
        Assert.Equal(["assistant"], messages[0].Stages);
        Assert.Equal(["cot", "t0"], messages[1].UsedFor);
        Assert.Equal([(2.0, false), (1.0, true)], messages.Select(message => (message.Weight, message.MultipleChoiceOnly)));
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("7")]
    [InlineData("""{"messages":{}}""")]
    [InlineData("""["text"]""")]
    [InlineData("""[{"text":"a","used_for":["cot"]}]""")]
    [InlineData("""[{"id":1,"used_for":["cot"]}]""")]
    [InlineData("""[{"id":1,"text":"a","used_for":"cot"}]""")]
    [InlineData("""[{"id":1,"text":"a","used_for":["cot"],"weight":"much"}]""")]
    [InlineData("""[{"id":1,"text":"a","used_for":["cot"],"multiple_choice_only":1}]""")]
    [InlineData("""[{"id":1,"text":"a","used_for":["cot"],"stages":[1]}]""")]
    [InlineData("""[{"id":1,"text":"a","used_for":["cot"],"weight":1e999}]""")]
    public void A_malformed_file_is_refused_in_one_sentence_that_names_it(string json)
    {
        var fault = Assert.Throws<TaskFormatException>(() => new SystemMessages(Read(json)));
        Assert.Contains("ystem message", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault.Message);
    }

    [Fact]
    public void A_missing_file_two_alike_ids_no_use_and_no_message_are_refused()
    {
        Assert.Contains(
            "'/nowhere/m.json'", Assert.Throws<TaskFormatException>(() => SystemMessageFile.Read("/nowhere/m.json")).Message,
            StringComparison.Ordinal);
        Assert.Throws<TaskFormatException>(() => new SystemMessages([SystemMessages.BuiltIn[0], SystemMessages.BuiltIn[0]]));
        Assert.Throws<TaskFormatException>(() => new SystemMessages([SystemMessages.BuiltIn[0] with { UsedFor = [] }]));
        Assert.Throws<TaskFormatException>(() => new SystemMessages([SystemMessages.BuiltIn[0] with { Weight = 0 }]));
        Assert.Throws<TaskFormatException>(() => new SystemMessages([]));
    }

    private static IReadOnlyList<SystemMessage> Read(string json)
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, json);
            return SystemMessageFile.Read(path);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
