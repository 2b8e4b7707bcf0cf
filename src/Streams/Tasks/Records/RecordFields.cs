using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;

namespace Orca.Streams.Tasks.Records;

/// <summary>What a field of a record is.</summary>
internal enum FieldRole
{
    /// <summary>What is asked.</summary>
    Question,

    /// <summary>What is to be done; what it is done with follows in <see cref="Context"/>.</summary>
    Instruction,

    /// <summary>What the question is about.</summary>
    Context,

    /// <summary>The system message.</summary>
    System,

    /// <summary>What is right, or several that are.</summary>
    Answer,

    /// <summary>A whole answer, as a teacher gave it.</summary>
    Response,

    /// <summary>The way to the answer.</summary>
    Explanation,

    /// <summary>Messages in turn.</summary>
    Conversation,

    /// <summary>Earlier turns of a conversation.</summary>
    History,

    /// <summary>The collection.</summary>
    Collection,

    /// <summary>The task.</summary>
    Task,
}

/// <summary>Which field of a record is what: by the names that data sets use, or as somebody says for one of them.</summary>
/// <param name="Said">What was said, by role; the names in use hold for the other roles.</param>
internal sealed record RecordFields(ImmutableDictionary<FieldRole, string> Said)
{
    // OpenOrca, Alpaca, Dolly, FLAN's sub-mixes, TRL, ShareGPT, BoolQ, GSM8K and their like. The first that a record has is taken.
    private static readonly ImmutableDictionary<FieldRole, string[]> Names = new Dictionary<FieldRole, string[]>
    {
        [FieldRole.Question] = ["question", "prompt", "query", "inputs", "problem"],
        [FieldRole.Instruction] = ["instruction"],
        [FieldRole.Context] = ["input", "context", "passage"],
        [FieldRole.System] = ["system_prompt", "system"],
        [FieldRole.Answer] = ["answer", "answers", "target", "targets"],
        [FieldRole.Response] = ["response", "output", "completion", "chosen"],
        [FieldRole.Explanation] = ["explanation", "rationale"],
        [FieldRole.Conversation] = ["messages", "conversations", "conversation"],
        [FieldRole.History] = ["history"],
        [FieldRole.Collection] = ["collection"],
        [FieldRole.Task] = ["task", "task_name"],
    }.ToImmutableDictionary();

    private readonly FrozenDictionary<string, FieldRole> roles = Enum.GetValues<FieldRole>()
        .SelectMany(role => NamesOf(Said, role).Select(name => (name, role)))
        .DistinctBy(pair => pair.name).ToFrozenDictionary(pair => pair.name, pair => pair.role);

    // They tell of the record, not of the question.
    private static readonly ImmutableHashSet<string> AboutTheRecord =
    [
        "id", "_id", "idx", "index", "uid", "hash", "category", "source", "dataset", "subset", "split", "type", "topic", "template_type",
        "label", "score", "weight", "language", "lang", "url", "license", "created", "date", "model", "rejected",
    ];

    /// <summary>Reads <c>question=FIELD&amp;answer=FIELD</c>.</summary>
    /// <exception cref="TaskFormatException">A role is not known.</exception>
    public static RecordFields Parse(string text)
    {
        var said = ImmutableDictionary<FieldRole, string>.Empty;
        foreach (var part in text.Split('&', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (part.Split('=', 2) is not [var role, { Length: > 0 } field]
                || !Enum.TryParse<FieldRole>(role, ignoreCase: true, out var known))
            {
                throw new TaskFormatException($"'{part}' says of no field what it is; expected ROLE=FIELD, with one of the roles {Roles}.");
            }

            said = said.SetItem(known, field);
        }

        return new RecordFields(said);
    }

    /// <summary>What was said, as <see cref="Parse"/> reads it.</summary>
    public string Text => string.Join('&', Said.OrderBy(pair => pair.Key).Select(pair => $"{pair.Key}={pair.Value}"));

    /// <summary>The roles, for messages.</summary>
    public static string Roles => string.Join(", ", Enum.GetNames<FieldRole>().Select(name => name.ToLowerInvariant()));

    /// <summary>The field of a record that has a role: of several, the first with anything in it; null for none.</summary>
    public JsonElement? Find(JsonElement record, FieldRole role) => NameIn(record, role) is { } name ? record.GetProperty(name) : null;

    /// <summary>Names of a record's fields that hold a text nobody reads.</summary>
    /// <param name="record">The record.</param>
    /// <param name="read">The roles whose fields are read.</param>
    public IEnumerable<string> Unread(JsonElement record, ImmutableHashSet<FieldRole> read)
    {
        foreach (var field in record.EnumerateObject())
        {
            var isRead = roles.TryGetValue(field.Name, out var role)
                ? read.Contains(role) && NameIn(record, role) == field.Name
                : AboutTheRecord.Contains(field.Name);
            if (!isRead && HoldsText(field.Value))
            {
                yield return field.Name;
            }
        }
    }

    private static string[] NamesOf(ImmutableDictionary<FieldRole, string> said, FieldRole role) =>
        said.TryGetValue(role, out var field) ? [field] : Names[role];

    /// <summary>Name of the field of a record that has a role, as <see cref="Find"/> takes it; null for none.</summary>
    public string? NameIn(JsonElement record, FieldRole role)
    {
        var names = NamesOf(Said, role);
        return Array.Find(names, name => record.TryGetProperty(name, out var value) && HoldsAnything(value))
            ?? Array.Find(names, name => record.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null);
    }

    private static bool HoldsAnything(JsonElement value) =>
        value.ValueKind is JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False || HoldsText(value);

    private static bool HoldsText(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => !string.IsNullOrWhiteSpace(value.GetString()),
        JsonValueKind.Array => value.EnumerateArray().Any(HoldsText),
        JsonValueKind.Object => value.EnumerateObject().Any(field => HoldsText(field.Value)),
        _ => false,
    };
}
