using System.CommandLine;
using Orca.Evaluation.Protocols;

namespace Orca.Cli.Commands;

/// <summary>Flags that several commands of <c>orca eval</c> share.</summary>
internal static class EvalFlags
{
    /// <summary>The protocol by name.</summary>
    public static Option<string> Protocol(string meaning) =>
        Arguments.Choice(
            "--protocol", meaning, ProtocolNames.All[0].Name, [.. ProtocolNames.All.Skip(1).Select(protocol => protocol.Name)]);

    /// <summary>The address of an endpoint.</summary>
    public static Option<Uri?> Endpoint(string meaning) => new("--endpoint")
    {
        Description = meaning,
        HelpName = "URL",
        CustomParser = result =>
        {
            var text = string.Join(' ', result.Tokens);
            if (!Uri.TryCreate(text, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
            {
                result.AddError($"Flag --endpoint is '{text}'; expected an address such as http://127.0.0.1:8080/v1");
            }

            return url;
        },
    };

    /// <summary>Where an endpoint's key is.</summary>
    public static Option<string?> KeyVariable() => new("--key-variable")
    {
        Description = "Environment variable that holds the endpoint's key. Default: no key is sent.",
        HelpName = "NAME",
    };
}
