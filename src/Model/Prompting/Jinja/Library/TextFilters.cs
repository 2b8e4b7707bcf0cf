using Orca.Model.Prompting.Jinja.Values;

namespace Orca.Model.Prompting.Jinja.Library;

/// <summary>The filters of texts: they take the text of any value.</summary>
internal static class TextFilters
{
    public static IEnumerable<KeyValuePair<string, Filter>> All => new Dictionary<string, Filter>
    {
        ["trim"] = (context, value, arguments) => context.Spent(
            TextEdits.Strip(ValueText.Of(context, value), Arguments.OptionalText(arguments.Bind("trim", "chars")[0], "trim"))),
        ["upper"] = Plain("upper", TextCases.Upper),
        ["lower"] = Plain("lower", TextCases.Lower),
        ["title"] = Plain("title", TextCases.TitleOfWords),
        ["capitalize"] = Plain("capitalize", TextCases.Capitalize),
        ["safe"] = Plain("safe", text => text),
        ["e"] = Plain("e", TextEdits.Escape),
        ["escape"] = Plain("escape", TextEdits.Escape),
        ["forceescape"] = Plain("forceescape", TextEdits.Escape),
        ["replace"] = Replace,
        ["indent"] = Indent,
        ["center"] = (context, value, arguments) => TextMethods.Find(ValueText.Of(context, value), "center")!.Call(
            context, arguments is { Positional: [], Named: [] } ? new CallArguments([new IntegerValue(80)], []) : arguments),
        ["format"] = (context, value, arguments) => context.Spent(
            PercentFormat.Write(context, ValueText.Of(context, value), new ListValue(arguments.Positional, isTuple: true))),
        ["wordcount"] = (context, value, _) => new IntegerValue(
            TextEdits.Split(context, ValueText.Of(context, value), null, -1).Count(word => word.Value.Any(char.IsLetterOrDigit))),
    };

    private static Filter Plain(string name, Func<TemplateText, TemplateText> change) => (context, value, arguments) =>
    {
        arguments.Bind(name);
        return context.Spent(change(ValueText.Of(context, value)));
    };

    private static TextValue Replace(RenderContext context, JinjaValue value, CallArguments arguments)
    {
        var bound = arguments.BindRequired("replace", 2, "old", "new", "count");
        return context.Spent(TextEdits.Replace(
            context, ValueText.Of(context, value), ValueText.Of(context, bound[0]!), ValueText.Of(context, bound[1]!),
            bound[2] is NoneValue ? -1 : Arguments.Whole(bound[2], "replace", -1)));
    }

    private static TextValue Indent(RenderContext context, JinjaValue value, CallArguments arguments)
    {
        var bound = arguments.Bind("indent", "width", "first", "blank");
        var indent = bound[0] is TextValue text ? text.Value : new string(' ', Math.Clamp(Arguments.Whole(bound[0], "indent", 4), 0, 1000));
        return new TextValue(TextEdits.Indent(
            context, ValueText.Of(context, value), indent, Arguments.Flag(bound[1]), Arguments.Flag(bound[2])));
    }
}
