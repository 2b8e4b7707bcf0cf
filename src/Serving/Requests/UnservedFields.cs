namespace Orca.Serving.Requests;

/// <summary>
/// Fields of the contract that the engine does not act upon yet. They are refused by name rather than ignored; a line goes
/// when its field works.
/// </summary>
internal static class UnservedFields
{
    private static readonly (string Field, Func<GenerationRequest, bool> IsAsked)[] Fields =
    [
        ("sampling.deterministic", request => request.Sampling.Deterministic),
        ("weight_policy.pin_version", request => request.Weights.PinVersion is not null),
        ("weight_policy.min_version", request => request.Weights.MinVersion != 0),
        ("weight_policy.on_update", request => request.Weights.OnUpdate != OnUpdate.Pin),
    ];

    /// <summary>Throws, naming every field at once, where one is asked for that has no effect yet.</summary>
    /// <exception cref="GenerationException">One is.</exception>
    public static void Check(GenerationRequest request)
    {
        var faults = Fields.Where(field => field.IsAsked(request)).Select(field => new FieldFault(field.Field, "is not served yet; leave it away")).ToList();
        if (faults.Count > 0)
        {
            throw GenerationException.Invalid(faults);
        }
    }
}
