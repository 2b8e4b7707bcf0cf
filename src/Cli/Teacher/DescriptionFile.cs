using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using Orca.Cli.Commands;
using Orca.Cli.Teacher.Faults;

namespace Orca.Cli.Teacher;

/// <summary>Reads and checks the description of a simulated endpoint.</summary>
internal static partial class DescriptionFile
{
    /// <summary>How it is written: an object whose keys are all known; comments and trailing commas are allowed.</summary>
    public static readonly JsonSerializerOptions Form = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        NumberHandling = JsonNumberHandling.Strict,
    };

    /// <summary>The description in a file.</summary>
    /// <exception cref="CommandException">It cannot be read, or something in it is wrong.</exception>
    public static TeacherDescription Read(string path)
    {
        try
        {
            var description = JsonSerializer.Deserialize<TeacherDescription>(File.ReadAllText(path), Form);
            return description is null ? throw Unreadable(path, "it holds null", "$", null) : Check(description, $"'{path}'");
        }
        catch (JsonException failure)
        {
            throw Unreadable(path, SentenceOf(failure), failure.Path, failure.LineNumber);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(
                $"The teacher's description '{path}' cannot be read ({failure.Message.TrimEnd('.')}); name another file.");
        }
    }

    /// <summary>A rule as a flag gives it: the fault's name, then what narrows it, after commas.</summary>
    /// <exception cref="CommandException">It is none.</exception>
    public static FaultRule Rule(string text)
    {
        var parts = text.Split(',', StringSplitOptions.TrimEntries);
        var json = new Dictionary<string, JsonElement> { ["fault"] = JsonSerializer.SerializeToElement(parts[0]) };
        foreach (var part in parts[1..])
        {
            var split = part.Split('=', 2);
            json[split[0]] = split is [not ("matching" or "model"), var value]
                && double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
                ? number == Math.Floor(number) ? JsonSerializer.SerializeToElement((long)number) : JsonSerializer.SerializeToElement(number)
                : JsonSerializer.SerializeToElement(split[^1]);
        }

        try
        {
            return JsonSerializer.SerializeToElement(json).Deserialize<FaultRule>(Form)!;
        }
        catch (JsonException)
        {
            throw new CommandException($"Flag --fault is '{text}'; expected a fault and what narrows it, such as 500,every=20 or "
                + "429-seconds,probability=0.05,pauseSeconds=2.");
        }
    }

    /// <summary>The description, where nothing in it is wrong.</summary>
    /// <param name="description">The description.</param>
    /// <param name="source">Where it comes from, for the message.</param>
    /// <exception cref="CommandException">Something is; all that is, is told.</exception>
    public static TeacherDescription Check(TeacherDescription description, string source)
    {
        var faults = FaultsOf(description).ToImmutableArray();
        return faults.IsEmpty
            ? description
            : throw new CommandException($"The teacher described by {source} cannot be: {string.Join("; ", faults)}.");
    }

    /// <summary>What is wrong with JSON, in words that name no type of ours.</summary>
    public static string SentenceOf(Exception failure) =>
        failure is not JsonException ? failure.Message
        : UnknownKey().Match(failure.Message) is { Success: true } unknown ? $"there is no key {unknown.Groups[1].Value}"
        : WrongForm().Match(failure.Message) is { Success: true } ? $"a value at {((JsonException)failure).Path} is of another form"
        : failure.Message.Split(" Path:", 2)[0].TrimEnd('.');

    [GeneratedRegex("^The JSON property ('.*?') could not be mapped")]
    private static partial Regex UnknownKey();

    [GeneratedRegex("^The JSON value could not be converted")]
    private static partial Regex WrongForm();

    private static IEnumerable<string> FaultsOf(TeacherDescription description)
    {
        if (!(description.TimeScale > 0))
        {
            yield return $"timeScale is {Text(description.TimeScale)}, expected more than 0";
        }

        if (description.Models.IsEmpty
            || description.Models.GroupBy(model => model.Name).Any(group => group.Count() > 1 || group.Key.Length == 0))
        {
            yield return "models must be at least one, each with a name of its own";
        }

        if (description.Keys.GroupBy(key => key.Key).Any(group => group.Count() > 1 || group.Key.Length == 0)
            || description.Keys.GroupBy(key => key.Name).Any(group => group.Count() > 1 || group.Key.Length == 0))
        {
            yield return "keys must each have a name and a key of their own";
        }

        foreach (var fault in description.Models.SelectMany(FaultsOf).Concat(description.Faults.SelectMany(FaultsOf)))
        {
            yield return fault;
        }
    }

    private static IEnumerable<string> FaultsOf(TeacherModel model)
    {
        if (model.Strength is not ("expert" or "assistant"))
        {
            yield return $"strength of '{model.Name}' is '{model.Strength}', expected expert or assistant";
        }

        if (model.ErrorRate is not (>= 0 and <= 1))
        {
            yield return $"errorRate of '{model.Name}' is {Text(model.ErrorRate)}, expected 0 to 1";
        }

        if (model.RequestsPerMinute < 1 || model.TokensPerMinute < 1 || model.Concurrency < 1)
        {
            yield return $"a quota of '{model.Name}' is below 1";
        }

        if (model.LatencyMs < 0 || model.LatencySigma < 0 || model.TokenMs < 0 || model.PriceIn < 0 || model.PriceOut < 0
            || model.BatchPriceShare < 0)
        {
            yield return $"a latency or price of '{model.Name}' is below 0";
        }
    }

    private static IEnumerable<string> FaultsOf(FaultRule rule)
    {
        if (FaultKind.Named(rule.Fault) is null)
        {
            yield return $"there is no fault '{rule.Fault}', expected one of {string.Join(", ", FaultKind.All.Select(kind => kind.Name))}";
        }

        if (rule.Every < 1 || rule.Times < 1 || rule.Probability is not (null or (>= 0 and <= 1)) || rule.PauseSeconds < 0)
        {
            yield return $"a number of fault '{rule.Fault}' is out of range (every and times from 1, probability 0 to 1, pauseSeconds from "
                + "0)";
        }
    }

    private static string Text(double number) => number.ToString(CultureInfo.InvariantCulture);

    private static CommandException Unreadable(string path, string what, string? at, long? line) => new(
        $"The teacher's description '{path}' cannot be understood at {at ?? "$"}"
            + (line is { } number ? string.Create(CultureInfo.InvariantCulture, $", line {number + 1}") : "") + $": {what}; mend it.");
}
