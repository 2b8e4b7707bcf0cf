using System.Globalization;
using System.Text;
using Spectre.Console;

namespace Orca.Cli.Tests.Display;

/// <summary>
/// A terminal that shows what is written to it: rows that scroll, line ends, wide characters, and the few escape codes that are used.
/// Any other code throws. A new width breaks lines anew, as most terminals do.
/// </summary>
internal sealed class Screen(int columns, int rows) : TextWriter, IAnsiConsoleOutput
{
    private readonly List<Row> _rows = [new()];
    private int _row;
    private int _column;

    public override Encoding Encoding => Encoding.UTF8;

    public TextWriter Writer => this;

    public bool IsTerminal => true;

    public int Width { get; private set; } = columns;

    public int Height { get; set; } = rows;

    /// <summary>Every row to that of the cursor, those that were scrolled away included, without blanks at the ends.</summary>
    public string[] All => [.. _rows.Take(_row + 1).Select(row => row.Text.TrimEnd())];

    /// <summary>A console that draws on it.</summary>
    public IAnsiConsole Console(ColorSystemSupport colors = ColorSystemSupport.NoColors) => AnsiConsole.Create(new AnsiConsoleSettings
    {
        Ansi = AnsiSupport.Yes,
        ColorSystem = colors,
        Interactive = InteractionSupport.Yes,
        Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
        Out = this,
    });

    public void SetEncoding(Encoding encoding)
    {
    }

    /// <summary>Breaks all lines anew.</summary>
    public void Resize(int width)
    {
        var lines = new List<(string Text, bool HasCursor)>();
        for (var i = 0; i < _rows.Count; i++)
        {
            var goesOn = i > 0 && _rows[i - 1].IsBroken;
            var before = goesOn ? lines[^1] : ("", false);
            if (goesOn)
            {
                lines.RemoveAt(lines.Count - 1);
            }

            lines.Add((before.Item1 + _rows[i].Text, before.Item2 || i == _row));
        }

        Width = width;
        _rows.Clear();
        _rows.Add(new Row());
        (_row, _column) = (0, 0);
        foreach (var ((text, hasCursor), index) in lines.Select((line, index) => (line, index)))
        {
            if (index > 0)
            {
                Put("\r\n");
            }

            Put(text.TrimEnd());
            if (hasCursor)
            {
                return;
            }
        }
    }

    public override void Write(char value) => Write(value.ToString());

    public override void Write(string? value)
    {
        lock (_rows)
        {
            Put(value!.Replace("\n", "\r\n", StringComparison.Ordinal));
        }
    }

    private void Put(string text)
    {
        for (var at = 0; at < text.Length;)
        {
            var length = text[at] switch
            {
                '\e' => 3 + text.AsSpan(at + 2).IndexOfAnyInRange('A', 'z'),
                '\r' => 1,
                _ => StringInfo.GetNextTextElementLength(text, at),
            };
            Heed(text.Substring(at, length));
            at += length;
        }
    }

    private void Heed(string element)
    {
        switch (element)
        {
            case "\r":
                _column = 0;
                break;
            case "\n":
                NextRow();
                break;
            case "\e[2K":
                _rows[_row] = new Row();
                break;
            case "\e[A":
                // No further than to the top of what is seen.
                _row = Math.Max(_row - 1, Math.Max(0, _rows.Count - Height));
                break;
            case ['\e', '[', .., 'm']:
                break;
            case [< ' ', ..]:
                throw new FormatException($"A control character, {(int)element[0]}.");
            default:
                Show(element);
                break;
        }
    }

    private void Show(string character)
    {
        var width = character.GetCellWidth();
        if (_column + width > Width)
        {
            _rows[_row].IsBroken = true;
            NextRow();
            _column = 0;
        }

        _rows[_row].Put(_column, character, width);
        _column += width;
    }

    private void NextRow()
    {
        if (++_row == _rows.Count)
        {
            _rows.Add(new Row());
        }
    }

    private sealed class Row
    {
        private readonly List<string> _cells = [];

        public bool IsBroken { get; set; }

        public string Text => string.Concat(_cells);

        public void Put(int column, string character, int width)
        {
            while (_cells.Count < column + width)
            {
                _cells.Add(" ");
            }

            _cells[column] = character;
            for (var i = 1; i < width; i++)
            {
                _cells[column + i] = "";
            }
        }
    }
}
