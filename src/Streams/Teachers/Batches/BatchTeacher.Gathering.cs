using Orca.Streams.Teachers.Budgets;
using Orca.Streams.Teachers.Scheduling;

namespace Orca.Streams.Teachers.Batches;

/// <content>From requests that arrive to batches for which there is money.</content>
public sealed partial class BatchTeacher
{
    private async Task GatherAsync()
    {
        while (await arriving.Reader.WaitToReadAsync(ending.Token))
        {
            var gathered = new List<WaitingAnswer>();
            while (gathered.Count < options.MaxRequests && await NextAsync() is { } next)
            {
                gathered.Add(next);
            }

            await on.Task.WaitAsync(ending.Token);
            Run(() => BeginAsync(gathered));
        }
    }

    // Null where none has come for as long as is waited.
    private async Task<WaitingAnswer?> NextAsync()
    {
        if (arriving.Reader.TryRead(out var there))
        {
            return there;
        }

        using var patience = new CancellationTokenSource(options.Gather, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, ending.Token);
        try
        {
            return await arriving.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!ending.IsCancellationRequested)
        {
            return null;
        }
    }

    private async Task BeginAsync(List<WaitingAnswer> gathered)
    {
        List<WaitingAnswer> taken;
        lock (gate)
        {
            taken = [.. gathered.Where(answer => !answer.IsLeft)];
            taken.ForEach(answer => (answer.IsInBatch, answer.Batches) = (true, answer.Batches + 1));
        }

        var before = Volatile.Read(ref settled);
        var reserved = await Task.WhenAll(taken.Select(async answer => (Answer: answer, Reservation: await ReserveAsync(answer))));
        var asked = reserved.Where(one => one.Reservation.Exhausted is null)
            .Select(one => new AskedRequest(one.Answer.Request, one.Reservation.Attempt, one.Answer.Batches)).ToList();
        PutBack([.. reserved.Where(one => one.Reservation.Exhausted is not null)], isBegun: asked.Count > 0, before);
        if (asked.Count > 0)
        {
            asked.ForEach(one => events.OnNext(new CallBegan(one.Request, endpoint.Name)));
            await FinishAsync(folder.Add(asked), asked);
        }
    }

    // What a batch turns out to cost is less than what is reserved for it: when one that is under way is settled there may be room again.
    private void PutBack(List<(WaitingAnswer Answer, Reservation Reservation)> refused, bool isBegun, int settledBefore)
    {
        lock (gate)
        {
            underWay += isBegun ? 1 : 0;
            if (underWay > 0 || settled > settledBefore)
            {
                refused.ForEach(one => (one.Answer.IsInBatch, one.Answer.Batches) = (false, one.Answer.Batches - 1));
                withoutRoom.AddRange(refused.Select(one => one.Answer));
                if (settled > settledBefore)
                {
                    GatherAgain();
                }

                return;
            }
        }

        foreach (var (answer, reservation) in refused)
        {
            var message = AttemptMessages.UsedUp(endpoint, reservation.Exhausted!, reservation.Spent);
            Fail(answer, new TeacherException(message) { Fault = TeacherFault.Settings, SpentBudget = reservation.Exhausted });
        }
    }

    private void HaveRoomAgain()
    {
        lock (gate)
        {
            underWay--;
            settled++;
            GatherAgain();
        }
    }

    private void GatherAgain()
    {
        withoutRoom.ForEach(answer => arriving.Writer.TryWrite(answer));
        withoutRoom.Clear();
    }

    private Task<Reservation> ReserveAsync(WaitingAnswer answer) => ledger.ReserveAsync(
        new CallIntent(
            answer.Request.Id, answer.Request.Stage, endpoint.Name, endpoint.Model, answer.Batches, Price.Most(endpoint, answer.Request)),
        ending.Token);
}
