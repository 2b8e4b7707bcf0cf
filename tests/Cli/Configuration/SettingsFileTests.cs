using System.Collections;
using Orca.Cli.Configuration;

namespace Orca.Cli.Tests.Configuration;

public sealed class SettingsFileTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"orca-settings-{Guid.NewGuid():N}.json");

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void Sections_lists_maps_and_comments_are_read()
    {
        var settings = SettingsBinder.Bind(Read("""
            {
              // how long
              "run": { "maxSteps": 20, "maxMinutes": 1.5, "roles": ["collect", "train"] },
              "curriculum": { "mixture": { "cot": 2, "niv2": 1 } },
              "display": { "live": false },
            }
            """));
        Assert.Equal(20, settings.Run.MaxSteps);
        Assert.Equal(1.5, settings.Run.MaxMinutes);
        Assert.Equal(["collect", "train"], settings.Run.Roles);
        Assert.Equal(2, settings.Curriculum.Mixture["cot"]);
        Assert.False(settings.Display.Live);
    }

    [Fact]
    public void A_part_of_a_section_is_an_object_of_its_own()
    {
        var variables = SettingsVariables.Read(new Hashtable { ["ORCA__TRAINING__LORA__ALPHA"] = "4" });
        var settings = SettingsBinder.Bind(
            [.. Read("""{ "training": { "lora": { "rank": 8, "targets": ["v_proj", "q_proj"] } } }"""), .. variables]);
        Assert.Equal((8, 4.0), (settings.Training.Lora.Rank, settings.Training.Lora.Alpha));
        Assert.Equal(["v_proj", "q_proj"], settings.Training.Lora.Targets!.Value);

        var e = Assert.Throws<SettingsException>(() => SettingsBinder.Bind(Read("""{ "training": { "lora": { "rnk": 8 }, "lora2": 1 } }""")));
        Assert.Contains("'training.lora.rnk'", e.Faults[0]);
        Assert.Contains("did you mean 'training.lora.rank'?", e.Faults[0]);
        Assert.Equal(2, e.Faults.Length);
    }

    [Fact]
    public void Null_leaves_the_default()
    {
        Assert.Null(SettingsBinder.Bind(Read("""{ "run": { "maxSteps": null } }""")).Run.MaxSteps);
    }

    [Fact]
    public void Unknown_keys_are_told_with_the_file()
    {
        var e = Assert.Throws<SettingsException>(() => SettingsBinder.Bind(Read("""{ "run": { "maxStep": 3 }, "color": 1 }""")));
        Assert.Equal(2, e.Faults.Length);
        Assert.Contains(_path, e.Faults[0]);
        Assert.Contains("'run.maxSteps'", e.Faults[0]);
    }

    [Theory]
    [InlineData("{", "is no JSON at line 1")]
    [InlineData("[1]", "not an object")]
    [InlineData("", "is no JSON")]
    public void A_file_that_is_no_settings_file_is_told_in_one_sentence(string content, string expected)
    {
        var e = Assert.Throws<SettingsException>(() => Read(content));
        Assert.Contains(expected, Assert.Single(e.Faults));
    }

    [Theory]
    [InlineData("""{ "run": { "folder": ["a", "b"] } }""", "not a list")]
    [InlineData("""{ "run": { "maxSteps": [1] } }""", "a whole number of steps of at least 1, not a list")]
    [InlineData("""{ "run": { "maxSteps": 1e3 } }""", "such as 1000")]
    [InlineData("""{ "tasks": { "sources": [["a"]] } }""", "expected texts and numbers alone")]
    [InlineData("""{ "tasks": { "sources": [null] } }""", "expected texts and numbers alone")]
    [InlineData("""{ "run": { "seed": 1, "SEED": 2 } }""", "gives 'run.seed' more than once")]
    [InlineData("""{ "run": { "folder": "\ud83d" } }""", "half a character")]
    public void A_value_of_another_kind_is_told(string content, string expected)
    {
        var e = Assert.Throws<SettingsException>(() => SettingsBinder.Bind(Read(content)));
        Assert.Contains(expected, Assert.Single(e.Faults));
    }

    [Fact]
    public void Items_of_a_list_keep_their_commas()
    {
        Assert.Equal(["a, b"], SettingsBinder.Bind(Read("""{ "serving": { "probePrompts": ["a, b"] } }""")).Serving.ProbePrompts);
    }

    [Fact]
    public void A_checkpoints_manifest_is_no_settings_file()
    {
        var e = Assert.Throws<SettingsException>(() => Read("""{ "step": 3, "digests": {}, "templateHash": "" }"""));
        Assert.Contains($"'{_path}' is the manifest of a checkpoint, not a settings file", Assert.Single(e.Faults));
    }

    [Fact]
    public void A_missing_file_is_told()
    {
        Assert.Contains("cannot be read", Assert.Throws<SettingsException>(() => SettingsFile.Read(_path)).Message);
    }

    [Fact]
    public void Variables_are_read_by_their_prefix()
    {
        var variables = new Hashtable
        {
            ["ORCA__RUN__MAXSTEPS"] = "9",
            ["ORCA__TASKS__SOURCES"] = "reasoning",
            ["ORCA_LIBTORCH"] = "x",
            ["PATH"] = "y",
        };
        var settings = SettingsBinder.Bind(SettingsVariables.Read(variables));
        Assert.Equal(9, settings.Run.MaxSteps);
    }

    [Fact]
    public void An_unknown_variable_is_told_by_its_name()
    {
        var e = Assert.Throws<SettingsException>(() => SettingsBinder.Bind(SettingsVariables.Read(new Hashtable { ["ORCA__RUN__MAXSTEP"] = "9" })));
        Assert.Contains("variable ORCA__RUN__MAXSTEP", Assert.Single(e.Faults));
    }

    private SettingValue[] Read(string content)
    {
        File.WriteAllText(_path, content);
        return [.. SettingsFile.Read(_path)];
    }
}
