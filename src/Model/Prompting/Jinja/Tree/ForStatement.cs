using Orca.Model.Prompting.Jinja.Library;
using Orca.Model.Prompting.Jinja.Values;

namespace Orca.Model.Prompting.Jinja.Tree;

/// <summary><c>for</c>, with a condition that items must meet, and what is done where there are none.</summary>
internal sealed class ForStatement(AssignmentTarget target, Expression sequence, Expression? condition, Body body, Body otherwise) : Statement
{
    protected override Flow Run(Frame frame, TemplateTextBuilder output)
    {
        var items = ItemsThatMeet(frame, Sequences.ItemsOf(frame.Context, sequence.Evaluate(frame)));
        var loop = new LoopValue(items);
        for (; loop.Index < items.Count; loop.Index++)
        {
            var inner = new Frame(frame.Context, frame);
            inner.Set("loop", loop);
            target.Assign(inner, items[loop.Index]);
            if (body.Execute(inner, output) == Flow.Break)
            {
                break;
            }
        }

        return items.Count == 0 ? otherwise.Execute(new Frame(frame.Context, frame), output) : Flow.Next;
    }

    private IReadOnlyList<JinjaValue> ItemsThatMeet(Frame frame, IReadOnlyList<JinjaValue> items)
    {
        return condition is null ? items : [.. items.Where(Meets)];

        bool Meets(JinjaValue item)
        {
            var inner = new Frame(frame.Context, frame);
            target.Assign(inner, item);
            return condition.Evaluate(inner).IsTrue;
        }
    }
}
