using Orca.Cli.Commands;
using Orca.Cli.Configuration;
using Orca.Cli.Experimenting;

namespace Orca.Cli.Tests.Experimenting;

public class ExperimentDefinitionTests
{
    public static TheoryData<string> BuiltIn => [.. BuiltInExperiments.Names];

    [Theory, MemberData(nameof(BuiltIn))]
    public void Every_experiment_that_comes_with_the_program_is_sound(string name)
    {
        var definition = ExperimentDefinition.Parse(BuiltInExperiments.Read(name), name);

        Assert.EndsWith("?", definition.Question);
        Assert.NotEmpty(definition.Compare);
    }

    [Fact]
    public void An_arms_settings_stand_over_those_that_all_share()
    {
        var definition = ExperimentDefinition.Parse(
            """
            {
              "question": "?", "settings": { "curriculum.maxReuses": 3, "run.device": "cpu" }, "compare": [["a", "b"]],
              "arms": {
                "a": { "settings": { "curriculum.maxReuses": 5 } },
                "b": { "settings": { "curriculum.screens": ["empty", "length"] } }
              }
            }
            """,
            "own");

        Assert.Equal("5", definition.SettingsOf("a")["curriculum.maxReuses"]);
        Assert.Equal(("3", "[\"empty\", \"length\"]"), (
            definition.SettingsOf("b")["curriculum.maxReuses"], definition.SettingsOf("b")["curriculum.screens"]));
    }

    [Fact]
    public void An_arms_setting_stands_over_a_shared_one_whatever_the_case_of_their_letters()
    {
        var definition = ExperimentDefinition.Parse(
            """
            {
              "question": "?", "settings": { "curriculum.maxReuses": 3 }, "compare": [["a", "b"]],
              "arms": { "a": { "settings": { "Curriculum.MaxReuses": 5 } }, "b": {} }
            }
            """,
            "own");

        Assert.Equal([KeyValuePair.Create("curriculum.maxReuses", "5")], definition.SettingsOf("a"));
    }

    [Theory]
    [InlineData("{", "is no experiment")]
    [InlineData("""{ "question": "?", "arms": {}, "compare": [] }""", "has 0 arms; give two or more")]
    [InlineData("""{ "question": "?", "arms": { "a": {}, "b": {} }, "compare": [["a", "c"]] }""", "give pairs of its arms a, b")]
    [InlineData("""{ "question": "?", "arms": { "a": {}, "b": { "steps": 2 } }, "compare": [["a", "b"]] }""", "Arm 'b' of 'own'")]
    [InlineData("""{ "question": "?", "arms": { "a": null, "b": {} }, "compare": [["a", "b"]] }""", "'arms' holds null")]
    [InlineData("""{ "question": "?", "settings": null, "arms": { "a": {}, "b": {} }, "compare": [["a", "b"]] }""", "'settings' holds null")]
    [InlineData("""{ "question": "?", "arms": { "a": {}, "b": {} }, "compare": [["a", null]] }""", "'compare' holds null")]
    [InlineData("""{ "question": "?", "arms": { "a": {}, "b": {} }, "compare": [["a", "b"], ["a", "b"]] }""", "a pair of arms twice")]
    [InlineData("""{ "question": "?", "arms": { "a": {}, "b": { "messages": [] } }, "compare": [["a", "b"]] }""", "without a text")]
    [InlineData("""{ "question": "?", "settings": { "run.seed": 3 }, "arms": { "a": {}, "b": {} }, "compare": [["a", "b"]] }""", "'run.seed'")]
    [InlineData("""{ "question": "?", "arms": { "a": {}, "a": {}, "b": {} }, "compare": [["a", "b"]] }""", "is no experiment")]
    [InlineData("""{ "question": "?", "arm": {}, "compare": [] }""", "'arm'")]
    public void What_is_no_experiment_is_told_in_one_sentence(string json, string expected)
    {
        var fault = Assert.Throws<CommandException>(() => ExperimentDefinition.Parse(json, "own"));
        Assert.Contains(expected, fault.Message);
        Assert.Contains("'own'", fault.Message);
    }

    [Fact]
    public void A_setting_that_there_is_not_is_told_before_anything_is_trained()
    {
        const string json =
            """{ "question": "?", "arms": { "a": {}, "b": { "settings": { "curriculum.reuses": 1 } } }, "compare": [["a", "b"]] }""";

        var fault = Assert.Throws<SettingsException>(() => ExperimentDefinition.Parse(json, "own"));

        Assert.Contains("own, arm 'b'", fault.Message);
    }

    [Fact]
    public void An_experiment_that_is_nowhere_is_told_with_those_there_are()
    {
        var fault = Assert.Throws<CommandException>(() => BuiltInExperiments.Read("nothing"));
        Assert.Contains(
            "ask-first, explanations, messages, mixture, pace, practice, protocols, replay, screens, stages, or a JSON file of your own",
            fault.Message);
    }
}
