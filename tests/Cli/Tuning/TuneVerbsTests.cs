using System.CommandLine;
using Orca.Cli.Commands;
using Orca.Streams.Curricula.Control;

namespace Orca.Cli.Tests.Tuning;

public sealed class TuneVerbsTests
{
    [Theory]
    [InlineData("pause", """{"command":"pause","what":"Collecting"}""")]
    [InlineData("pause training", """{"command":"pause","what":"Training"}""")]
    [InlineData("resume", """{"command":"resume","what":"All"}""")]
    [InlineData("resume collecting", """{"command":"resume","what":"Collecting"}""")]
    [InlineData("stage expert", """{"command":"stage","stage":"expert"}""")]
    [InlineData("mixture cot=2,cot/aqua=0", """{"command":"mixture","weights":{"cot":2,"cot/aqua":0}}""")]
    [InlineData("messages 7=2", """{"command":"messages","weights":{"7":2}}""")]
    [InlineData("screens length=off", """{"command":"screens","limits":{"length":"Infinity"}}""")]
    [InlineData("policy proportional", """{"command":"policy","policy":{"kind":"Proportional","temperature":2,"randomShare":0.1}}""")]
    [InlineData(
        "policy temperature --temperature 3",
        """{"command":"policy","policy":{"kind":"Temperature","temperature":3,"randomShare":0.1}}""")]
    [InlineData(
        "policy adaptive --random-share 0.2",
        """{"command":"policy","policy":{"kind":"Adaptive","temperature":2,"randomShare":0.2}}""")]
    [InlineData("pacing off", """{"command":"pacing","pacing":{}}""")]
    [InlineData(
        "pacing --difficulty 2 --tokens 300 --next-at-loss 1.5",
        """{"command":"pacing","pacing":{"maxDifficulty":2,"maxTokens":300,"nextAtLoss":1.5}}""")]
    [InlineData("pacing --next-at-accuracy 0.8", """{"command":"pacing","pacing":{"nextAtAccuracy":0.8}}""")]
    [InlineData("replay --ratio 0.5 --reuses 0", """{"command":"replay","replay":{"ratio":0.5,"maxReuses":0}}""")]
    [InlineData(
        "teachers a=on b=off,c=on --requests-per-minute a=60 --tokens-per-minute a=9000,d=5 --budget 2.50",
        """{"command":"teachers","teachers":{"budget":2.50,"endpoints":{"a":{"enabled":true,"requestsPerMinute":60,"tokensPerMinute":9000},"b":{"enabled":false},"c":{"enabled":true},"d":{"tokensPerMinute":5}}}}""")]
    [InlineData("gate --questions 80 --level 0.05", """{"command":"gate","gate":{"questions":80,"level":0.05}}""")]
    [InlineData("rate --scale 0.5", """{"command":"rate","rate":{"scale":0.5,"restart":false}}""")]
    [InlineData("rate --restart", """{"command":"rate","rate":{"restart":true}}""")]
    [InlineData("publish", """{"command":"publish"}""")]
    [InlineData("rollback step-00001200", """{"command":"rollback","checkpoint":"step-00001200"}""")]
    public void Words_say_what_the_json_says(string line, string json) => Assert.Equal(json, CommandJson.Write(Read(line)));

    [Fact]
    public void Every_kind_of_command_has_its_words() => Assert.Equal(
        typeof(CurriculumCommand).Assembly.GetTypes().Where(type => type.BaseType == typeof(CurriculumCommand)).Count(),
        TuneVerbs.Create().Count());

    [Theory]
    [InlineData("pacing", "--difficulty, --tokens, --next-at-loss or --next-at-accuracy")]
    [InlineData("pacing off --tokens 5", "either off")]
    [InlineData("teachers a", "expected NAME=on or NAME=off")]
    [InlineData("teachers a=maybe", "expected NAME=on or NAME=off")]
    [InlineData("teachers --requests-per-minute a=1.5", "no whole number")]
    [InlineData("teachers --requests-per-minute a=0", "a=off")]
    [InlineData("mixture cot", "is no weight")]
    public void What_the_words_leave_open_is_told(string line, string sentence) =>
        Assert.Contains(sentence, Assert.Throws<CommandException>(() => Read(line)).Message);

    [Theory]
    [InlineData("WHAT is 'everything'; expected one of collecting, training, all", "tune", "pause", "everything")]
    [InlineData("POLICY is 'best'; expected one of fixed, proportional, temperature, adaptive", "tune", "policy", "best")]
    [InlineData("Flag --random-share is '2'; expected a number above 0, to 1", "tune", "policy", "adaptive", "--random-share", "2")]
    [InlineData("Flag --expect-revision is '-1'; expected a whole number of at least 0", "tune", "publish", "--expect-revision", "-1")]
    [InlineData("'on' is no pace; expected off, or flags", "tune", "pacing", "on")]
    public void What_is_not_understood_is_told(string sentence, params string[] arguments) =>
        Assert.StartsWith(sentence, CommandLine.Read(OrcaCommand.Create(), arguments).Fault);

    private static CurriculumCommand Read(string line)
    {
        var verbs = TuneVerbs.Create().ToList();
        var root = new RootCommand();
        verbs.ForEach(verb => root.Subcommands.Add(verb.Command));
        var (parsed, fault) = CommandLine.Read(root, line.Split(' '));
        Assert.Null(fault);
        return verbs.Single(verb => verb.Command == parsed.CommandResult.Command).Read(parsed);
    }
}
