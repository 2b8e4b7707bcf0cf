namespace Orca.Training;

/// <summary>Training cannot start or go on; the message says what was found, what was expected and what to do.</summary>
public sealed class TrainingException(string message, Exception? inner = null) : Exception(message, inner);
