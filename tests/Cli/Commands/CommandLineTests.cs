using System.Collections.Immutable;
using System.CommandLine;
using System.Text;
using Orca.Cli.Commands;

namespace Orca.Cli.Tests.Commands;

public sealed class CommandLineTests
{
    // A new command or flag is a decision: it shows in this file.
    [Fact]
    public void Commands_and_flags_are_those_that_are_written_down() =>
        Golden.Holds("tests/Cli/Commands/command-line.txt", Write(OrcaCommand.Create(), "orca"));

    // Of another command it takes a file's name.
    [Theory]
    [InlineData("traces rejected --json --run runs/default")]
    [InlineData("tasks --json --tasks reasoning")]
    [InlineData("bench stream --json figures.json --traces 5")]
    public void A_flag_takes_what_it_takes_of_its_own_command(string line) =>
        Assert.Null(CommandLine.Read(OrcaCommand.Create(), line.Split(' ')).Fault);

    [Theory]
    [InlineData("--prompt", "@bob says hi")]
    [InlineData("--prompt", "-x")]
    [InlineData("--prompt", "-h")]
    [InlineData("--prompt", "--")]
    [InlineData("--prompt", "--raw")]
    [InlineData("--prompt", "--raw=yes")]
    [InlineData("--prompt", "--prompt=")]
    [InlineData("--prompt", "- a list")]
    [InlineData("--prompt", "/h")]
    [InlineData("--prompt", "/?")]
    [InlineData("--prompt", "a, b")]
    [InlineData("--prompt", "a=b:c")]
    [InlineData("--prompt", "\"quoted\" 'twice'")]
    [InlineData("--prompt", "")]
    [InlineData("--prompt", " two\n lines\t")]
    [InlineData("--prompt", "a 🦈 ünï")]
    [InlineData("--prompt", "[suggest]")]
    [InlineData("--prompt", "generate")]
    [InlineData("--system", "@")]
    public void A_text_is_the_text(string flag, string text)
    {
        foreach (var arguments in new[] { new[] { flag, text }, [$"{flag}={text}"] })
        {
            var (parsed, fault) = CommandLine.Read(OrcaCommand.Create(), ["generate", "model", .. arguments]);
            Assert.Null(fault);
            Assert.Equal(text, parsed.GetValue<string>(flag));
            Assert.Equal("model", parsed.GetValue<string>("MODEL"));
        }
    }

    [Fact]
    public void A_value_may_be_called_like_a_command()
    {
        var (parsed, fault) = CommandLine.Read(OrcaCommand.Create(), ["keys", "--file", "list", "list"]);
        Assert.Null(fault);
        Assert.Equal("list", parsed.GetValue<string>("--file"));
    }

    [Fact]
    public void Behind_two_dashes_an_argument_may_begin_with_one()
    {
        var (parsed, fault) = CommandLine.Read(OrcaCommand.Create(), ["generate", "--", "--model"]);
        Assert.Null(fault);
        Assert.Equal("--model", parsed.GetValue<string>("MODEL"));
    }

    [Theory]
    [InlineData("An argument of 'orca generate' is empty", "generate", "")]
    [InlineData("Flag --run is empty; expected DIR", "eval", "--run", "")]
    [InlineData("Flag --file is empty; expected FILE", "keys", "list", "--file=")]
    [InlineData("Flag --run is empty; expected DIR", "daemon", "--run", "")]
    [InlineData("Flag --weights is 'int9'; expected one of fp32, bf16, int8, int4, stored, q4_K, q5_K, q6_K", "bench", "engine", "--weights", "int9")]
    [InlineData("'--promt' is no command, argument or option of 'orca generate'; did you mean '--prompt'?", "generate", "--promt", "hello")]
    [InlineData("'--promt' is no command, argument or option of 'orca generate'; did you mean '--prompt'?", "generate", "model", "--promt=hello")]
    [InlineData("'--api-kye' is no command, argument or option of 'orca tune status'; did you mean '--api-key'?", "tune", "status", "--api-kye", "x")]
    [InlineData("'daemn' is no command, argument or option of 'orca'; did you mean 'daemon'?", "daemn")]
    [InlineData("'statuss' is no command, argument or option of 'orca tune'; did you mean 'status'?", "tune", "statuss")]
    [InlineData("'-t' is no command, argument or option of 'orca chat'", "chat", "-t", "0.5")]
    [InlineData("'--nonsense' is no command, argument or option of 'orca convert'", "convert", "a", "b", "--nonsense")]
    [InlineData("Flag --temperature is '0,7'; expected a number from 0 to 100, such as 0.7", "generate", "model", "--temperature", "0,7")]
    [InlineData("Flag --max-tokens is '1,000'; expected a whole number of at least 1, such as 1000", "generate", "model", "--max-tokens", "1,000")]
    [InlineData("Flag --seed is '-1'; expected a whole number of at least 0", "generate", "model", "--seed", "-1")]
    [InlineData("Flag --top-p is 'NaN'; expected a number above 0, to 1", "generate", "model", "--top-p", "NaN")]
    [InlineData("Flag --interval is '0,5'; expected a number of seconds from 0.1 to 60, such as 0.5", "tune", "watch", "--interval", "0,5")]
    [InlineData("Flag --rate is '0,5'; expected a number above 0, to 100000, such as 0.5", "bench", "serve", "--rate", "0,5")]
    [InlineData("Flag --duration is '10s'; expected a number of seconds from 0.1 to 86400", "bench", "serve", "--duration", "10s")]
    [InlineData("Flag --steps is '1e2'; expected a whole number of at least 1, such as 100", "bench", "engine", "--steps", "1e2")]
    [InlineData("Flag --state is 'done'; expected one of asked, answered, accepted, rejected, failed", "traces", "list", "--state", "done")]
    [InlineData("Flag --by is 'colour'; expected one of state, stage, collection, task, teacher, screen", "traces", "count", "--by", "colour")]
    [InlineData("Flag --limit is '0'; expected a whole number of at least 1", "traces", "list", "--limit", "0")]
    [InlineData("Flag --durability is 'none'; expected power or process", "bench", "stream", "--durability", "none")]
    public void What_is_not_understood_is_told_with_what_may_have_been_meant(string sentence, params string[] arguments)
    {
        var fault = CommandLine.Read(OrcaCommand.Create(), arguments).Fault;
        Assert.NotNull(fault);
        Assert.StartsWith(sentence + (sentence.EndsWith('?') ? " See 'orca" : "; see 'orca"), fault);
    }

    [Fact]
    public void Flags_reach_their_settings()
    {
        var sources = SettingFlag.Of("--tasks", "tasks.sources", "SPEC");
        var folder = SettingFlag.Of("--run", "run.folder", "DIR");
        var root = new RootCommand { sources.Option, folder.Option };
        ImmutableArray<string>? Sources(params string[] arguments) =>
            sources.Read(CommandLine.Read(root, arguments).Parsed).Single().AsItems();

        Assert.Equal(["a", "b", "c"], Sources("--tasks", "a,b", "--tasks", "c")!.Value);
        Assert.Equal(["jsonl:a, b", "c"], Sources("--tasks", """["jsonl:a, b"]""", "--tasks=c")!.Value);
        Assert.Equal("a, b", folder.Read(CommandLine.Read(root, ["--run", "a, b"]).Parsed).Single().Text);
        Assert.Contains("--run", CommandLine.Read(root, ["--run", "a", "--run", "b"]).Fault);
    }

    private static string Write(Command command, string path)
    {
        var text = new StringBuilder(path);
        foreach (var argument in command.Arguments)
        {
            text.Append($" {argument.Name}{(argument.Arity.MinimumNumberOfValues == 0 ? "?" : "")}");
        }

        foreach (var option in command.Options.Where(option => option is not VersionOption and not System.CommandLine.Help.HelpOption).OrderBy(option => option.Name, StringComparer.Ordinal))
        {
            text.Append($" {option.Name}{(option.Required ? "!" : "")}");
        }

        text.Append('\n');
        foreach (var inner in command.Subcommands.OrderBy(inner => inner.Name, StringComparer.Ordinal))
        {
            text.Append(Write(inner, $"{path} {inner.Name}"));
        }

        return text.ToString();
    }
}
