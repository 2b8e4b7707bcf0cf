using System.Collections.Frozen;
using System.Text;
using Orca.Model.Prompting.Jinja.Syntax;
using Orca.Model.Prompting.Jinja.Values;

namespace Orca.Model.Prompting.Jinja.Library;

/// <summary>The methods of texts.</summary>
internal static class TextMethods
{
    private delegate JinjaValue Method(RenderContext context, TemplateText self, CallArguments arguments);

    private static readonly FrozenDictionary<string, Method> Methods = new Dictionary<string, Method>
    {
        ["strip"] = (context, self, arguments) => Strip(context, "strip", self, arguments),
        ["lstrip"] = (context, self, arguments) => Strip(context, "lstrip", self, arguments, right: false),
        ["rstrip"] = (context, self, arguments) => Strip(context, "rstrip", self, arguments, left: false),
        ["split"] = (context, self, arguments) => Split(context, "split", self, arguments, TextEdits.Split),
        ["rsplit"] = (context, self, arguments) => Split(context, "rsplit", self, arguments, TextEdits.SplitFromRight),
        ["splitlines"] = (context, self, arguments) =>
            ListOf(TextEdits.SplitLines(context, self, Arguments.Flag(arguments.Bind("splitlines", "keepends")[0]))),
        ["partition"] = (_, self, arguments) =>
            Partition("partition", self, arguments, (text, by) => TextEdits.Find(text, by, 0), leftmost: true),
        ["rpartition"] = (_, self, arguments) =>
            Partition("rpartition", self, arguments, (text, by) => text.LastIndexOf(by, StringComparison.Ordinal), leftmost: false),
        ["startswith"] = (_, self, arguments) =>
            Affix("startswith", arguments, affix => self.Value.StartsWith(affix, StringComparison.Ordinal)),
        ["endswith"] = (_, self, arguments) => Affix("endswith", arguments, affix => self.Value.EndsWith(affix, StringComparison.Ordinal)),
        ["removeprefix"] = (_, self, arguments) => arguments.BindRequired("removeprefix", 1, "prefix")[0] is TextValue prefix
            && self.Value.StartsWith(prefix.Value, StringComparison.Ordinal)
                ? new TextValue(self.Slice(prefix.Value.Length))
                : new TextValue(self),
        ["removesuffix"] = (_, self, arguments) => arguments.BindRequired("removesuffix", 1, "suffix")[0] is TextValue suffix
            && self.Value.EndsWith(suffix.Value, StringComparison.Ordinal)
                ? new TextValue(self.Slice(0, self.Value.Length - suffix.Value.Length)) : new TextValue(self),
        ["upper"] = Unary("upper", TextCases.Upper),
        ["lower"] = Unary("lower", TextCases.Lower),
        ["casefold"] = Unary("casefold", text => TextCases.Lower(text).Map(part => part.Replace("ß", "ss", StringComparison.Ordinal))),
        ["title"] = Unary("title", TextCases.Title),
        ["capitalize"] = Unary("capitalize", TextCases.Capitalize),
        ["swapcase"] = Unary("swapcase", TextCases.Swap),
        ["replace"] = (context, self, arguments) =>
        {
            var bound = arguments.BindRequired("replace", 2, "old", "new", "count");
            var (old, by) = (Arguments.Text(bound[0], "replace"), Arguments.Text(bound[1], "replace"));
            return context.Spent(TextEdits.Replace(context, self, old, by, Arguments.Whole(bound[2], "replace", -1)));
        },
        ["join"] = (context, self, arguments) => Sequences.Join(
            context, Sequences.ItemsOf(context, arguments.BindRequired("join", 1, "values")[0]!).Select(RequireText), self),
        ["find"] = (_, self, arguments) => Find("find", self, arguments, (text, wanted) => text.IndexOf(wanted, StringComparison.Ordinal)),
        ["rfind"] = (_, self, arguments) =>
            Find("rfind", self, arguments, (text, wanted) => text.LastIndexOf(wanted, StringComparison.Ordinal)),
        ["index"] = (_, self, arguments) =>
            Found(Find("index", self, arguments, (text, wanted) => text.IndexOf(wanted, StringComparison.Ordinal))),
        ["count"] = (context, self, arguments) => new IntegerValue(
            Count(context, self.Value, Arguments.Text(arguments.BindRequired("count", 1, "text")[0], "count").Value)),
        ["format"] = (context, self, arguments) => context.Spent(BraceFormat.Write(context, self, arguments)),
        ["ljust"] = (context, self, arguments) => Pad(context, "ljust", self, arguments, (missing, _) => (0, missing)),
        ["rjust"] = (context, self, arguments) => Pad(context, "rjust", self, arguments, (missing, _) => (missing, 0)),
        ["center"] = (context, self, arguments) => Pad(context, "center", self, arguments, CenterShares),
        ["isdigit"] = Predicate(text => Every(text, Rune.IsDigit)),
        ["isdecimal"] = Predicate(text => Every(text, Rune.IsDigit)),
        ["isnumeric"] = Predicate(text => Every(text, Rune.IsNumber)),
        ["isalpha"] = Predicate(text => Every(text, Rune.IsLetter)),
        ["isalnum"] = Predicate(text => Every(text, rune => Rune.IsLetter(rune) || Rune.IsNumber(rune))),
        ["isspace"] = Predicate(text => text.Length > 0 && text.All(Spaces.Contains)),
        ["isupper"] = Predicate(text => TextCases.IsAll(text, Rune.IsUpper, Rune.IsLower)),
        ["islower"] = Predicate(text => TextCases.IsAll(text, Rune.IsLower, Rune.IsUpper)),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The names of them all.</summary>
    public static IEnumerable<string> Names => Methods.Keys;

    /// <summary>A method of a text; null where texts have none of this name.</summary>
    public static CallableValue? Find(TemplateText self, string name) =>
        Methods.TryGetValue(name, out var method)
            ? new CallableValue(name, (context, arguments) => method(context, self, arguments))
            : null;

    private static TextValue Strip(
        RenderContext context, string name, TemplateText self, CallArguments arguments, bool left = true, bool right = true) =>
        context.Spent(TextEdits.Strip(self, Arguments.OptionalText(arguments.Bind(name, "chars")[0], name), left, right));

    private static ListValue Split(
        RenderContext context, string name, TemplateText self, CallArguments arguments,
        Func<RenderContext, TemplateText, string?, int, List<TemplateText>> split)
    {
        var bound = arguments.Bind(name, "sep", "maxsplit");
        return ListOf(split(context, self, Arguments.OptionalText(bound[0], name), Arguments.Whole(bound[1], name, -1)));
    }

    private static ListValue Partition(
        string name, TemplateText self, CallArguments arguments, Func<string, string, int> find, bool leftmost)
    {
        var separator = Arguments.Text(arguments.BindRequired(name, 1, "sep")[0], name);
        var at = separator.Value.Length > 0
            ? find(self.Value, separator.Value)
            : throw new JinjaException($"'{name}' needs a separator that is not empty");
        TemplateText[] parts = at >= 0
            ? [self.Slice(0, at), separator, self.Slice(at + separator.Value.Length)]
            : leftmost ? [self, TemplateText.Empty, TemplateText.Empty] : [TemplateText.Empty, TemplateText.Empty, self];
        return new ListValue([.. parts.Select(part => new TextValue(part))], isTuple: true);
    }

    private static BooleanValue Affix(string name, CallArguments arguments, Func<string, bool> has)
    {
        var affix = arguments.BindRequired(name, 1, "affix")[0];
        return BooleanValue.Of(affix is ListValue { IsTuple: true } several
            ? several.Items.Any(one => has(Arguments.Text(one, name).Value))
            : has(Arguments.Text(affix, name).Value));
    }

    // Index in characters, below zero where it is not found.
    private static IntegerValue Find(string name, TemplateText self, CallArguments arguments, Func<string, string, int> find)
    {
        var bound = arguments.BindRequired(name, 1, "text", "start", "end");
        var from = Arguments.Whole(bound[1], name, 0);
        var (start, stop, _) = Sequences.Bounds(self.Value.Length, new IntegerValue(from), bound[2], null);
        var at = start <= stop ? find(self.Value[start..stop], Arguments.Text(bound[0], name).Value) : -1;
        return new IntegerValue(at < 0 ? -1 : Sequences.CharactersIn(self.Value[..(start + at)]));
    }

    private static IntegerValue Found(IntegerValue place) =>
        place.Value.Sign >= 0 ? place : throw new JinjaException("the text does not hold the text whose index is asked for");

    private static int Count(RenderContext context, string text, string wanted)
    {
        context.SpendText(text.Length);
        return wanted.Length == 0 ? Sequences.CharactersIn(text) + 1 : text.AsSpan().Count(wanted);
    }

    private static TextValue Pad(
        RenderContext context, string name, TemplateText self, CallArguments arguments, Func<int, int, (int Left, int Right)> share)
    {
        var bound = arguments.BindRequired(name, 1, "width", "fillchar");
        var filling = bound[1] is null ? ' '
            : Arguments.Text(bound[1], name).Value is [var only] ? only
            : throw new JinjaException($"'{name}' fills with one character");
        var width = Arguments.Whole(bound[0], name, 0);
        var missing = Math.Max(0, width - Sequences.CharactersIn(self.Value));
        context.SpendText((long)self.Value.Length + missing);
        var (left, right) = share(missing, width);
        return new TextValue(new TemplateTextBuilder().Append(new string(filling, left)).Append(self).Append(new string(filling, right)).ToText());
    }

    // Python puts the odd one to the left where the width is odd too.
    private static (int Left, int Right) CenterShares(int missing, int width)
    {
        var left = (missing / 2) + (missing & width & 1);
        return (left, missing - left);
    }

    private static JinjaValue RequireText(JinjaValue part) =>
        part is TextValue ? part : throw new JinjaException($"'join' joins texts, not a value of type '{part.TypeName}'");

    private static ListValue ListOf(List<TemplateText> texts) => new([.. texts.Select(text => new TextValue(text))]);

    private static Method Unary(string name, Func<TemplateText, TemplateText> change) => (context, self, arguments) =>
    {
        arguments.Bind(name);
        return context.Spent(change(self));
    };

    private static Method Predicate(Func<string, bool> holds) => (_, self, _) => BooleanValue.Of(holds(self.Value));

    private static bool Every(string text, Func<Rune, bool> holds) => text.Length > 0 && text.EnumerateRunes().All(holds);
}
