using System.Collections.Immutable;
using System.Text.Json;
using Orca.Cli.Commands;

namespace Orca.Cli.Teacher;

/// <summary>What every key has had of every model, and what it owes. Any thread.</summary>
internal sealed class Books
{
    /// <summary>How the books are written, here and on disk.</summary>
    public static readonly JsonSerializerOptions Form = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private readonly Lock _gate = new();
    private readonly SortedDictionary<(string Key, string Model, bool IsBatch), BookRow> _rows = [];

    /// <summary>All rows, by key and model, calls by themselves before those in batches.</summary>
    public ImmutableArray<BookRow> Rows
    {
        get
        {
            lock (_gate)
            {
                return [.. _rows.Values];
            }
        }
    }

    /// <summary>What a key owes in all.</summary>
    public decimal OwedBy(string key)
    {
        lock (_gate)
        {
            return _rows.Values.Where(row => row.Key == key).Sum(row => row.Amount);
        }
    }

    /// <summary>Changes the row of a key and a model, of its calls by themselves or of those in batches.</summary>
    public void Enter(string key, string model, bool isBatch, Func<BookRow, BookRow> change)
    {
        lock (_gate)
        {
            var row = _rows.GetValueOrDefault((key, model, isBatch)) ?? new BookRow { Key = key, Model = model, IsBatch = isBatch };
            _rows[(key, model, isBatch)] = change(row);
        }
    }

    /// <summary>Writes them to a file, whole or not at all.</summary>
    public void Write(string path)
    {
        var beside = path + ".part";
        File.WriteAllText(beside, JsonSerializer.Serialize(new BooksContent(Rows), Form) + "\n");
        File.Move(beside, path, overwrite: true);
    }

    /// <summary>Tells whether they can be written to a file.</summary>
    /// <exception cref="CommandException">They cannot.</exception>
    public static void Check(string path)
    {
        try
        {
            File.WriteAllText(path + ".part", "");
            File.Delete(path + ".part");
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(
                $"The books '{path}' cannot be written ({failure.Message.TrimEnd('.')}); name another file with --books.");
        }
    }

    /// <summary>
    /// Goes on with the books of a file, where there is one. What batches owe is known from their answers, and not taken.
    /// </summary>
    public static Books Read(string? path)
    {
        var books = new Books();
        if (path is not null && File.Exists(path))
        {
            foreach (var row in RowsIn(path).Where(row => !row.IsBatch))
            {
                books._rows[(row.Key, row.Model, false)] = row;
            }
        }

        return books;
    }

    private static ImmutableArray<BookRow> RowsIn(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<BooksContent>(File.ReadAllText(path), Form) is { Rows.IsDefault: false } content
                ? content.Rows
                : throw new JsonException("there are no rows");
        }
        catch (JsonException failure)
        {
            throw new CommandException($"'{path}' holds no books ({failure.Message.TrimEnd('.')}); move it away, or name another file with "
                + "--books.");
        }
    }
}

/// <summary>The books as JSON.</summary>
/// <param name="Rows">A row for every key and model.</param>
internal sealed record BooksContent(ImmutableArray<BookRow> Rows)
{
    /// <summary>US dollars that all owe.</summary>
    public decimal Amount => Rows.Sum(row => row.Amount);
}

/// <summary>What one key has had of one model. Every call is one of answered, lost, throttled, failed, or still in flight.</summary>
internal sealed record BookRow
{
    /// <summary>Name of the key; empty where none is asked for.</summary>
    public required string Key { get; init; }

    /// <summary>The model.</summary>
    public required string Model { get; init; }

    /// <summary>Whether the calls came in batches, which have a price of their own.</summary>
    public bool IsBatch { get; init; }

    /// <summary>Calls that named the model with a key that opens it.</summary>
    public long Calls { get; init; }

    /// <summary>Calls whose whole answer was sent; owed for.</summary>
    public long Answered { get; init; }

    /// <summary>Calls that were answered, but whose reply was cut, or is none that can be read; owed for.</summary>
    public long Lost { get; init; }

    /// <summary>Calls refused for a quota of requests or tokens.</summary>
    public long Throttled { get; init; }

    /// <summary>Calls that met a fault instead of an answer, or whose caller left before the work began.</summary>
    public long Failed { get; init; }

    /// <summary>Tokens of the prompts of all that is owed for.</summary>
    public long PromptTokens { get; init; }

    /// <summary>Tokens of their answers.</summary>
    public long CompletionTokens { get; init; }

    /// <summary>US dollars owed, lost calls included.</summary>
    public decimal Amount { get; init; }

    /// <summary>US dollars of these owed for lost calls.</summary>
    public decimal LostAmount { get; init; }

    /// <summary>This row and an answered call more.</summary>
    public BookRow PlusAnswer(int promptTokens, int completionTokens, decimal price) => this with
    {
        Answered = Answered + 1,
        PromptTokens = PromptTokens + promptTokens,
        CompletionTokens = CompletionTokens + completionTokens,
        Amount = Amount + price,
    };

    /// <summary>This row, after one of its answers turned out to be lost.</summary>
    public BookRow MinusLost(decimal price) => this with { Answered = Answered - 1, Lost = Lost + 1, LostAmount = LostAmount + price };
}
