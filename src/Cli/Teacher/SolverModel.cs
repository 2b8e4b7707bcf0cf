using Orca.Streams.Tasks;
using Orca.Streams.Teachers;

namespace Orca.Cli.Teacher;

/// <summary>The built-in solver as a model that is asked by text.</summary>
/// <param name="model">How strong it is.</param>
/// <param name="questions">The questions it knows.</param>
internal sealed class SolverModel(TeacherModel model, QuestionIndex questions)
{
    /// <summary>What it says to a question that none of its sources gives.</summary>
    public const string UnknownQuestion = "I do not know this question, so I cannot answer it.";

    private readonly SolverTeacher _solver = new(
        model.Strength == "expert" ? SolverStrength.Expert : SolverStrength.Assistant, model.ErrorRate);

    /// <summary>Its settings.</summary>
    public TeacherModel Settings => model;

    /// <summary>Answers a request; the same one the same time always in the same way.</summary>
    /// <param name="request">The request.</param>
    /// <param name="turn">How often it was asked before: whoever errs does so anew each time, but not at temperature 0.</param>
    public async Task<SolvedAnswer> AnswerAsync(ChatRequest request, int turn)
    {
        var query = questions.Find(MistakeQuestion.QuestionIn(request.Question));
        var text = query is null || query.GoldAnswers.IsEmpty ? UnknownQuestion : await SolveAsync(query, request, turn);
        return Tokens.Of(text) > request.MaxTokens
            ? new SolvedAnswer(Tokens.First(text, request.MaxTokens.Value), request.MaxTokens.Value, IsCut: true)
            : new SolvedAnswer(text, Tokens.Of(text), IsCut: false);
    }

    private async Task<string> SolveAsync(TaskQuery query, ChatRequest request, int turn)
    {
        var asked = new TeacherRequest
        {
            Query = query,
            SystemMessage = request.SystemMessage,
            Stage = model.Strength,
            Sample = request.IsGreedy ? 0 : turn,
        };
        return (await _solver.AskAsync(asked, CancellationToken.None)).Response;
    }
}

/// <summary>An answer.</summary>
/// <param name="Text">Its text.</param>
/// <param name="Tokens">Its tokens.</param>
/// <param name="IsCut">Whether it was cut where the request wanted no more.</param>
internal sealed record SolvedAnswer(string Text, int Tokens, bool IsCut);
