using System.Collections.Concurrent;
using System.Globalization;
using System.Text;

namespace Floodgate.TimelineTests.Histories;

/// <summary>Runs one history and says what went wrong.</summary>
internal sealed class History
{
    private readonly ConcurrentQueue<string> _wrong = [];
    private readonly HistoryWorld _world;
    private readonly HistoryPlan _plan;
    private readonly HistoryModel _model;
    private readonly HistoryBugs _bugs;
    private readonly HistoryRequests _requests;
    private readonly HistoryDisturbance _disturbance;
    private readonly HistoryDrain _drain;
    private readonly HistoryEnd _end;
    private int _done;

    private History(HistoryWorld world, HistoryPlan plan, HistoryModel model, HistoryBugs bugs)
    {
        (_world, _plan, _model, _bugs) = (world, plan, model, bugs);
        _requests = new HistoryRequests(world, model);
        _disturbance = new HistoryDisturbance(world, model);
        _drain = new HistoryDrain(world, model);
        _end = new HistoryEnd(world, model, _requests);
    }

    /// <summary>Runs the history of a seed.</summary>
    /// <param name="world">The instances.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="bugs">What is done wrong on purpose.</param>
    /// <returns>What is wrong, with the seed and the steps; null: nothing.</returns>
    public static async Task<string?> RunAsync(HistoryWorld world, int seed, HistoryBugs? bugs = null)
    {
        var plan = HistoryPlan.Draw(seed);
        var model = await HistoryStart.WriteAsync(world, plan);
        var history = new History(world, plan, model, bugs ?? new HistoryBugs());
        return await history.RunAsync();
    }

    private async Task<string?> RunAsync()
    {
        foreach (var group in _plan.Groups)
        {
            await Task.WhenAll(group.Select(TryAsync));
            _done++;
            _world.Progressed();
            if (!_wrong.IsEmpty)
            {
                return Explain();
            }
        }

        await NoteAsync(async () =>
        {
            await _drain.RunAsync(withBackfills: true);
            await _bugs.BeforeTheEnd(_model);
            return await _end.CheckAsync(new Random(_plan.Seed));
        });
        return _wrong.IsEmpty ? null : Explain();
    }

    private Task TryAsync(Step step) => NoteAsync(async () =>
    {
        var wrong = await DoAsync(step);
        return wrong is null ? null : $"{step}: {wrong}";
    });

    private async Task<string?> DoAsync(Step step)
    {
        switch (step.Kind)
        {
            case StepKind.Post:
                await _requests.PostAsync(step, post => _bugs.AfterPost(_model, post));
                break;
            case StepKind.Edit:
                await _requests.EditAsync(step);
                break;
            case StepKind.Delete:
                await _requests.DeleteAsync(step);
                break;
            case StepKind.Follow:
                await _requests.FollowAsync(step);
                break;
            case StepKind.Unfollow:
                await _requests.UnfollowAsync(step);
                break;
            case StepKind.Read:
                return await _requests.ReadAsync(step, []);
            case StepKind.GoAway:
                await _disturbance.GoAwayAsync(step);
                break;
            case StepKind.Forget:
                await _disturbance.ForgetAsync(step);
                break;
            case StepKind.Redeliver:
                await _disturbance.RedeliverAsync(step);
                break;
            case StepKind.Backfill:
                await _disturbance.BackfillAsync(step);
                break;
            case StepKind.Close:
                await _disturbance.CloseAsync(step);
                break;
            case StepKind.CloseAll:
                await _disturbance.CloseAllAsync(step);
                break;
            case StepKind.Shed:
                _disturbance.Shed(step);
                break;
            case StepKind.Drain:
                await _drain.RunAsync(withBackfills: false);
                break;
        }

        return null;
    }

    private async Task NoteAsync(Func<Task<string?>> act)
    {
        try
        {
            if (await act() is { } wrong)
            {
                _wrong.Enqueue(wrong);
            }
        }
        catch (Exception exception) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            _wrong.Enqueue(exception.ToString());
        }
    }

    private string Explain()
    {
        var text = new StringBuilder();
        text.AppendLine(CultureInfo.InvariantCulture, $"{HistorySeeds.SeedVariable}={_plan.Seed}, {_plan.Users} users from {_model.Users[0]} on, {_plan.Before.Count} posts before");
        text.AppendLine(CultureInfo.InvariantCulture, $"follows: {string.Join(' ', _plan.Follows.Select(pair => $"{pair.Follower}>{pair.Followee}"))}");
        foreach (var group in _plan.Groups.Take(_done))
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"  {string.Join(" | ", group)}");
        }

        foreach (var wrong in _wrong)
        {
            text.AppendLine(wrong);
        }

        return text.ToString();
    }
}
