namespace Orca.Serving.Sampling.Json;

/// <summary>A schema that answers cannot be held to; the message says why and what to do.</summary>
internal sealed class JsonSchemaException(string message) : Exception(message);
