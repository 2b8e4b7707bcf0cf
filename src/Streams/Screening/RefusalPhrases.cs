using System.Buffers;
using System.Text.RegularExpressions;

namespace Orca.Streams.Screening;

/// <summary>What refusals are made of, as patterns over a short opening in lower case with plain apostrophes.</summary>
/// <remarks>
/// Every pattern is asked of a few hundred characters only, so none can take long. The verbs are those of an assistant's work: "I cannot
/// emphasize enough", "I can't believe it" and "I will not succeed" are no refusals.
/// </remarks>
internal static partial class RefusalPhrases
{
    private const string Model = @"(?:ai|a\.i\.|llm|(?:large |ai )?language model|machine learning model|artificial intelligence|chatbot|"
        + "virtual assistant|text-based (?:ai|assistant|model)|computer program)";

    private const string Not = @"(?:cannot|can't|can not|could not|couldn't|will not be able to|won't be able to|will not|won't|"
        + @"(?:am|'m|was) (?:\w+ )?(?:unable to|not able to|not capable of|incapable of|not allowed to|not permitted to|not going to)|"
        + @"do not (?:feel comfortable|think it is appropriate)|don't feel comfortable|(?:must|have to)(?: \w+)? decline(?: to)?"
        + @"|refuse to)";

    // What an assistant does for whom it answers, in a way that hardly anything else is meant.
    private const string Serve = "(?:help(?! but| feel| think| my| it)|helping|assist|provide|providing|answer|fulfil|fulfill|comply"
        + "|complete|"
        + "create|generate|access|browse|retrieve|discuss|discussing|condone|support or|engage|offer (?:an|any|advice|information"
        + "|medical|legal)|"
        + "respond|summarize|translate|display|create or|fulfil or|do reminders|speculate|write (?:this|that|a|an|about)|writing about|"
        + "this (?:request|question)|to answer|give (?:you|an|any|information|advice)|estimate|verify|process|execute)";

    // What a person does as well.
    private const string Do = "(?:determine|do|see|view|watch|draw|describe|open|tell|say|know|show|share|predict|recommend|continue"
        + "|make|"
        + "play|have|experience|feel|perform|write|give|offer|support|perceive|analyze|classify|rank|identify|manipulate|edit|find"
        + "|visit)";

    private const string Lacks = @"(?:do not|don't|did not|didn't) (?:currently |actually |really |yet )?(?:have|possess|see|know)"
        + @"(?: (?:the|any|a|an|enough|sufficient|real-time|up-to-date|physical|personal))*";

    private const string Input = @"(?:text|sentence|passage|article|paragraph|document|input|definition|image|picture|list|data"
        + @"|lyrics|song|code|"
        + "question|link|url|file|table|info|information|context|details|content|story|email|review|specifics|product|topic|location"
        + "|city)s?";

    /// <summary>Words without one of which no pattern of a refusal matches; most answers begin without any.</summary>
    public static SearchValues<string> Signs { get; } = SearchValues.Create(
        [
            "sorry", "afraid", "apolog", "unfortunately", "regrettably", "cannot", "can't", "can not", "could not", "couldn't",
            "will not", "won't", "unable", "not able", "capable", "not allowed", "not permitted", "not going", "comfortable",
            "decline", "refuse", "do not", "don't", "did not", "didn't", "an ai", "language model", "machine learning model",
            "artificial", "chatbot", "assistant", "computer program", "a.i.", "llm", "text-based", "openai", "chatgpt", "claude",
            "bard", "gemini", "llama", "i'm gpt", "am gpt", "trained", "designed", "programm", "knowledge", "please", "kindly",
            "could you", "can you", "would you", "will you", "information", "info", "context", "details", "data", "provide",
            "specif", "include", "share", "given", "attached", "incomplete", "unclear", "missing", "empty", "cut off", "against",
            "violates", "in line with", "not something", "ethical", "appropriate", "irresponsible", "harmful", "not okay",
            "not right", "not proper",
        ], StringComparison.Ordinal);

    /// <summary>The speaker says that it is a model.</summary>
    [GeneratedRegex(@"\bas an? (?:(?:\w+[ -]){0,2}" + Model + @"\b(?! [a-z]*(?:expert|engineer|researcher|enthusiast|president))"
        + @"|assistant,|(?:ai|virtual|digital) assistant\b)"
        + @"|\bi(?:'m| am) (?:just |only |merely |simply )?an? (?:\w+ ){0,2}" + Model + @"\b|\bi(?:'m| am) chatgpt\b"
        + @"|\b(?:being|since i am|since i'm) an? (?:\w+ )?" + Model + @"\b|\bi(?:'m| am) (?:claude|bard|gemini|llama|gpt)\b"
        + @"|\bi(?:'m| am) (?:programmed|designed|trained) to be\b|\bi (?:was|am|have been) (?:trained|created|developed|made"
        + @"|built) by (?:openai|anthropic|google|meta)\b|\bmy knowledge (?:cutoff|cut-off|ends)")]
    public static partial Regex SaysItIsAModel();

    /// <summary>Behind that: something it cannot do, or does not have.</summary>
    [GeneratedRegex(@"\b(?:i|so|and|but|or|,) ?(?:\w+ )?" + Not + @"\b|\b(?:i|and|but|so) (?:\w+ )?(?:do not|don't|lack"
        + @"|am not (?:programmed|designed))\b"
        + @"|\bunable to|\bnot (?:able|capable|within my)|\bmust follow|\bnot (?:programmed|designed) to")]
    public static partial Regex LacksSomething();

    /// <summary>It is sorry, or finds it unfortunate, and says so first.</summary>
    [GeneratedRegex(@"^(?:oh,? |hello[,!.] |hi[,!.] )?(?:(?:i'm|i am|we are|we're) (?:\w+ )?(?:sorry|afraid)|sorry\b|(?:i"
        + @"|we) apologize|(?:my )?apologies|unfortunately|regrettably)")]
    public static partial Regex IsSorry();

    /// <summary>It cannot serve: the assistant's own words.</summary>
    [GeneratedRegex(@"\bi ?" + Not + @" (?:to )?(?:\w+ )?" + Serve + @"\b"
        + @"|\bi " + Lacks + @" (?:access|ability|capability|capabilities|capacity|opinions?|feelings|emotions|preferences"
        + @"|experiences|information|context|data|details|(?:text|article|passage|image|picture|sentence|attachment)s?\b)"
        + @"|\bi (?:must|have to)(?: \w+)? decline|\bi (?:do not|don't) feel comfortable|\bi(?:'m| am) (?:unable|not able) to (?:read"
        + @"|open|view|find|perform|continue|share)\b|\bi don't have permission\b")]
    public static partial Regex CannotServe();

    /// <summary>It cannot do what people may not be able to do either; a refusal where it is sorry for that.</summary>
    [GeneratedRegex(@"\b(?:i|so|but|and) ?" + Not + @" (?:to )?(?:\w+ )?(?:" + Serve + "|" + Do + @")\b|\bi " + Lacks
        + @"\b|\bnot something (?:that )?i\b")]
    public static partial Regex CannotDo();

    /// <summary>It cannot do "that", "this request", "your question": the request itself is meant, whatever it was.</summary>
    [GeneratedRegex(@"\bi ?" + Not + @" (?:to )?(?:\w+ )?(?:help|assist|answer|fulfill?|comply|complete|support|discuss|continue"
        + @"|respond|write|create|generate|provide)(?:ing)?(?: \w+)?"
        + @"(?: (?:with|to|about|on|for))?(?: \w+)? (?:that|this|your|the|such)(?: (?:request|question|task|topic|one|prompt"
        + @"|instruction))?s?\b(?=[.,!;]|$| (?:request|question|task|topic)| (?:as|because|since|due|without) )"
        + @"|\bi ?" + Not + @" (?:\w+ )?(?:\w+ )?condone\b|\b(?:must|have to)(?: \w+)? decline (?:to (?:answer|respond|comment|help"
        + @"|discuss)|this|your|the request)"
        + @"|\b(?:inappropriate|unethical|irresponsible|not (?:appropriate|ethical|right)) for me to\b"
        + @"|\b(?:request|question|prompt|this|it) (?:\w+ )?(?:violates|goes against|is against|is not in line with) (?:my|our|the"
        + @"|openai)"
        + @"|\bnot something (?:that )?i(?:'m| am| can)|\bgoes against my (?:guidelines|programming|principles)"
        + @"|\bnot within my programming")]
    public static partial Regex CannotServeThis();

    /// <summary>It says that what it needs is missing.</summary>
    [GeneratedRegex(@"(?<![""'“‘a-z])(?:please|kindly) (?:provide|specify|share|paste|supply|clarify|give me|upload)\b[^.!?]*\b" + Input
        + @"|\b(?:could|can|would|will) you (?:please |kindly )?(?:also )?(?:provide|specify|clarify|share|paste|supply"
        + @"|be more specific)\b"
        + @"|\b(?:without|need|needs|require|requires|not|isn't|is no|lacks|insufficient)\b (?:\w+ )?(?:any |some )?(?:more|further"
        + @"|additional|enough|sufficient|the|given|provided|necessary)? ?(?:information|info|context|details|data)\b"
        + @"|\byou (?:did not|didn't|have not|haven't|need to|must) (?:\w+ )?(?:provide|specify|give|include|share)"
        + @"|\bi (?:do not|don't|did not|didn't) see (?:any|the|an?) " + Input
        + @"|\b(?:no|there is no|there's no|there isn't an?y?) " + Input + @" (?:is |was |has been |were )?(?:given|provided|included"
        + @"|attached|specified)"
        + @"|\b(?:question|prompt|request|message|input|sentence) (?:is|seems|appears)(?: to be)? (?:incomplete|unclear|missing|empty"
        + @"|cut off)")]
    public static partial Regex MissesInput();

    /// <summary>It turns to what its reader should send or do: then the input is missed in earnest.</summary>
    [GeneratedRegex(@"\bso (?:that )?i can (?:\w+ )?(?:help|assist|answer|provide)|\bfor me to\b|\bi (?:will|would|can|could|'ll"
        + @"|'d) (?:\w+ )?(?:be happy|be glad|need|do my best|like to help|better assist|start)"
        + @"|\b(?:could|can|would) you (?:please |kindly )?(?:provide|specify|clarify|share|paste)|\bplease (?:provide|specify"
        + @"|clarify|share|paste)")]
    public static partial Regex AsksForIt();

    /// <summary>It finds the request improper.</summary>
    [GeneratedRegex(@"(?:^|[.!?,] |\bhowever,? |\bbut |\bthat )it(?:'s| is| would be| is also)? (?:not (?:appropriate|ethical|okay"
        + @"|right|proper)|inappropriate|unethical|irresponsible|harmful)\b[^.]*?(?:"
        + @"\bfor me\b|\bto (?:discuss|speculate|provide|promote|create|generate|engage|answer|make (?:jokes|assumptions)|encourage"
        + @"|write)\b)")]
    public static partial Regex FindsItImproper();

    /// <summary>Courtesy that may stand before an answer, and before a refusal as well.</summary>
    [GeneratedRegex(@"^(?:[:>*#\s]+|(?:assistant|answer|response|ai|a|student|output):\s*|(?:sure|certainly|of course|okay|ok"
        + @"|understood|hello|hi|hey|greetings|great question|good question)\b[^.!?]{0,60}[.!?,]+\s*|"
        + @"(?:thank you|thanks)\b[^.!?]{0,120}[.!?]+\s*|i understand (?:that|your|the|you)\b[^.!?]{0,100}?(?:, but\s+|, however,?\s+"
        + @"|[.!?]\s*)|i appreciate\b[^.!?]{0,100}?(?:, but\s+|[.!?]\s*))")]
    public static partial Regex Courtesy();

    /// <summary>A letter, a speaker's line, a quotation or a list: no voice of its own.</summary>
    [GeneratedRegex(@"^(?:dear |subject:|to whom|to the |[""“‘«]|(?:[a-z][a-z0-9 .'-]{0,24}(?: \([a-z ]+\))?):\s|\d+[.)]\s|[-•]\s"
        + @"|title:|```|#include|<\?|import |def |function |public |select |verse|chorus|scene)")]
    public static partial Regex SpeaksForAnother();

    /// <summary>The question gives a part to play, or asks for a text in which somebody speaks.</summary>
    [GeneratedRegex(@"\b(?:you are|you're) (?:now )?(?:an?|the|my|one of|(?-i:[A-Z]))|\b(?:imagine you|as if you|pretend|act as"
        + @"|play the role|role ?-?play|in the role of|take on the role|dialogue|conversation|letter|e-?mail|apolog|excuse|"
        + @"reply|respond to|agent|chat|utterance|persona|character|story|scene|screenplay|monologue|speech|customer|message to"
        + @"|as an? [a-z]+ ?[a-z]*,)", RegexOptions.IgnoreCase)]
    public static partial Regex AsksForAVoice();

    /// <summary>The question gives a machine's part to play.</summary>
    [GeneratedRegex(@"\b(?:you are|you're|imagine you(?: are|'re)|pretend(?: to be| you are)|as|role of|are now)\b[^.?!]{0,60}\b(?:ai"
        + @"|robot|artificial|android|chatbot|language model|assistant|computer|machine)\b", RegexOptions.IgnoreCase)]
    public static partial Regex AsksForAMachine();

    /// <summary>The question asks for questions.</summary>
    [GeneratedRegex(@"\bask (?:me|them|him|her|for|questions)|\b(?:ask|asks|asking|generate|write|list|make|create|pose|prepare"
        + @"|suggest|come up with)\b[^.?!]{0,60}\bquestions?\b"
        + @"|\bwhat (?:\w+ )?(?:information|details|questions)|\bneed from me|\binterview|\bwould you (?:ask|need)"
        + @"|\bclarif", RegexOptions.IgnoreCase)]
    public static partial Regex AsksForQuestions();

    /// <summary>The end of an answer that comes to one after all.</summary>
    [GeneratedRegex(@"\b(?:answer|solution|result|option|choice) (?:is|would be|must be|should be)\b|\b(?:therefore|thus|hence)\b"
        + @"|####|\\boxed", RegexOptions.IgnoreCase)]
    public static partial Regex Concludes();
}
