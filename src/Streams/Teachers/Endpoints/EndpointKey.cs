namespace Orca.Streams.Teachers.Endpoints;

/// <summary>Reads the key of an endpoint from the environment.</summary>
internal static class EndpointKey
{
    /// <summary>The key; null where the endpoint wants none.</summary>
    /// <exception cref="TeacherException">The variable is not set, or holds what no key is.</exception>
    public static string? Of(EndpointOptions options)
    {
        if (options.KeyVariable is not { } variable)
        {
            return null;
        }

        var key = Environment.GetEnvironmentVariable(variable)?.Trim();
        return string.IsNullOrEmpty(key)
            ? throw Fault($"The key of the endpoint '{options.Name}' at {options.Url} is missing; set the environment variable {variable}.")
            : key.All(letter => letter is > ' ' and <= '~') ? key
            : throw Fault($"The key in {variable} holds a character that no key has; copy it again.");
    }

    private static TeacherException Fault(string message) => new(message) { Fault = TeacherFault.Settings };
}
