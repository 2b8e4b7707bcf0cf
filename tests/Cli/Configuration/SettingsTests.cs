using Orca.Cli.Configuration;

namespace Orca.Cli.Tests.Configuration;

public sealed class SettingsTests
{
    [Fact]
    public void Without_any_values_the_defaults_stand()
    {
        var settings = SettingsBinder.Bind([]);
        Assert.Equal(["reasoning"], settings.Tasks.Sources);
        Assert.Equal(["collect", "train", "serve"], settings.Run.Roles);
        Assert.Null(settings.Run.MaxSteps);
        Assert.Equal("127.0.0.1", settings.Serving.Address);
    }

    [Fact]
    public void A_later_layer_overrides_an_earlier_one()
    {
        var settings = SettingsBinder.Bind([Value("run.maxSteps", "100"), Value("run.seed", "7"), Value("run.maxSteps", "200")]);
        Assert.Equal(200, settings.Run.MaxSteps);
        Assert.Equal(7, settings.Run.Seed);
    }

    [Theory]
    [InlineData("RUN.MAXSTEPS")]
    [InlineData("run.max_steps")]
    public void Keys_are_known_in_any_case_and_with_underscores(string key)
    {
        Assert.Equal(5, SettingsBinder.Bind([Value(key, "5")]).Run.MaxSteps);
    }

    [Fact]
    public void An_unknown_key_is_told_with_the_nearest_known_one()
    {
        Assert.Equal(
            ["Setting 'training.lerningRate' (test) does not exist; did you mean 'training.learningRate'?"],
            Faults(Value("training.lerningRate", "1")));
    }

    [Fact]
    public void A_section_is_no_value()
    {
        Assert.Contains("is a section, not a value", Assert.Single(Faults(Value("training", "1"))));
    }

    [Theory]
    [InlineData("run.maxSteps", "many", "a whole number of steps of at least 1")]
    [InlineData("run.maxSteps", "1.5", "a whole number of steps of at least 1")]
    [InlineData("run.maxSteps", "0", "a whole number of steps of at least 1")]
    [InlineData("training.learningRate", "NaN", "a number from 1E-09 to 1")]
    [InlineData("training.learningRate", "Infinity", "a number from 1E-09 to 1")]
    [InlineData("display.live", "maybe", "true or false")]
    [InlineData("teacher.kind", "oracle", "one of solver, recorded, openai")]
    [InlineData("run.roles", "collect,dance", "a list, each item one of collect, train, serve")]
    [InlineData("training.compute", "1", "one of Float32, BFloat16")]
    [InlineData("curriculum.mixture", "cot", "name=weight pairs, each weight a number from 0 to 1000000")]
    [InlineData("curriculum.mixture", "cot=1,cot=2", "name=weight pairs, each weight a number from 0 to 1000000, and each name once")]
    [InlineData("teacher.temperature", "0,7", "a number from 0 to 2, such as 0.7")]
    [InlineData("run.maxSteps", "1,000", "a whole number of steps of at least 1, such as 1000")]
    [InlineData("run.maxSteps", "1e3", "a whole number of steps of at least 1, such as 1000")]
    [InlineData("training.optimizer", "AdamW,Muon", "one of AdamW, Muon")]
    [InlineData("run.folder", "", "a text that is not empty; leave the setting away for its default")]
    [InlineData("serving.probePrompts", "[a, b]", "items with commas between, or a JSON array of texts such as [\"one\", \"another, with a comma\"]")]
    public void A_wrong_value_is_told_with_its_key_and_what_was_expected(string key, string text, string expected)
    {
        Assert.Equal([$"Setting '{key}' is '{text}' (test); expected {expected}."], Faults(Value(key, text)));
    }

    [Fact]
    public void Every_fault_is_told_at_once()
    {
        var faults = Faults(
            Value("run.maxSteps", "x"), Value("nonsense.key", "1"), Value("tasks.sources", "jsonl:"), Value("serving.port", "-1"));
        Assert.Equal(4, faults.Length);
    }

    [Fact]
    public void A_mixture_is_read_as_weights()
    {
        var mixture = SettingsBinder.Bind([Value("curriculum.mixture", "reasoning=2,cot=0.5")]).Curriculum.Mixture;
        Assert.Equal(2, mixture["reasoning"]);
        Assert.Equal(0.5, mixture["cot"]);
    }

    [Fact]
    public void A_decimal_comma_in_a_mixture_is_told()
    {
        Assert.Contains(
            "'5' is none, and numbers are written with a point, such as 0.5", Assert.Single(Faults(Value("curriculum.mixture", "a=0,5"))));
    }

    [Fact]
    public void A_text_keeps_its_commas_and_spaces()
    {
        Assert.Equal(" a, b ", SettingsBinder.Bind([Value("run.folder", " a, b ")]).Run.Folder);
    }

    [Fact]
    public void Items_of_a_list_may_have_commas_where_it_is_JSON()
    {
        Assert.Equal(
            ["What, then?", "b"], SettingsBinder.Bind([Value("serving.probePrompts", """["What, then?", "b"]""")]).Serving.ProbePrompts);
    }

    [Fact]
    public void Contradictions_between_settings_are_told()
    {
        var folder = Directory.CreateTempSubdirectory().FullName;
        Assert.Contains("answers only the built-in tasks", Assert.Single(Faults(Value("tasks.sources", $"flan-cot:{folder}"))));
        Assert.Contains("answers a question the same each time", Assert.Single(Faults(Value("teacher.answers", "3"))));
        Assert.Contains("'solver' has none", Assert.Single(Faults(Value("teacher.judgeEndpoints", "m"))));
        Assert.Contains(
            "expected a number of curriculum.expertLessons", Assert.Single(Faults(Value("curriculum.practiceLessons", "100"))));
        Assert.Contains(
            "both collect and train", Assert.Single(Faults(
                Value("curriculum.practiceLessons", "100"), Value("curriculum.expertLessons", "100"), Value("run.roles", "train,serve"))));
        Assert.Contains("expected both", Assert.Single(Faults(Value("teacher.explainMistakes", "true"))));
        Assert.Contains(
            "gives 3 answers at most",
            Assert.Single(Faults(Value("curriculum.askStudentFirst", "true"), Value("curriculum.studentMargin", "4"))));
        Assert.Contains(
            "that screen is off",
            Assert.Single(Faults(
                Value("teacher.kind", "openai"), Value("teacher.baseUrl", "http://127.0.0.1:1/v1"), Value("teacher.model", "m"),
                Value("teacher.judgeEndpoints", "m"), Value("curriculum.screens", "finish"))));
        Directory.Delete(folder);
    }

    [Fact]
    public void A_teacher_behind_the_net_needs_its_key()
    {
        var faults = Faults(Value("teacher.kind", "openai"), Value("teacher.keyVariable", "ORCA_TEST_ABSENT_KEY"));
        Assert.Contains("ORCA_TEST_ABSENT_KEY, which is not set", Assert.Single(faults));
    }

    [Fact]
    public void Every_setting_says_what_it_means()
    {
        foreach (var section in typeof(OrcaSettings).GetProperties())
        {
            var known = KnownSetting.All.Where(setting => setting.Section == section).ToList();
            Assert.Equal(Settable(section.PropertyType), known.Select(setting => (setting.Part ?? setting.Property).Name).Distinct());
            foreach (var part in known.Where(setting => setting.Part is not null).GroupBy(setting => setting.Part!))
            {
                Assert.Equal(Settable(part.Key.PropertyType), part.Select(setting => setting.Property.Name));
            }
        }
    }

    private static IEnumerable<string> Settable(Type section) =>
        section.GetProperties().Where(property => property.CanWrite).Select(property => property.Name);

    private static SettingValue Value(string key, string text) => SettingValue.FromText(key, text, "test");

    private static string[] Faults(params SettingValue[] values) =>
        [.. Assert.Throws<SettingsException>(() => SettingsBinder.Bind(values)).Faults];
}
