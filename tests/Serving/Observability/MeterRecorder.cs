using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Orca.Serving.Tests.Observability;

/// <summary>Keeps what one meter measures.</summary>
internal sealed class MeterRecorder : IDisposable
{
    private readonly ConcurrentQueue<Sample> samples = new();
    private readonly MeterListener listener = new();

    public MeterRecorder(Meter meter)
    {
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument.Meter == meter)
            {
                l.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Keep(instrument, value, tags));
        listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => Keep(instrument, value, tags));
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Keep(instrument, value, tags));
        listener.Start();
    }

    public void Collect() => listener.RecordObservableInstruments();

    public IReadOnlyList<Sample> Of(string name) => [.. samples.Where(sample => sample.Name == name)];

    /// <summary>What an instrument of one tag measures now, by the tag's value.</summary>
    public Dictionary<string, double> Now(string name)
    {
        samples.Clear();
        Collect();
        return Of(name).ToDictionary(sample => sample.Tags.Single().Value!, sample => sample.Value);
    }

    public void Dispose() => listener.Dispose();

    private void Keep(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        samples.Enqueue(new Sample(instrument.Name, value, [.. tags.ToArray().Select(tag => (tag.Key, tag.Value?.ToString()))]));

    public sealed record Sample(string Name, double Value, IReadOnlyList<(string Key, string? Value)> Tags);
}
