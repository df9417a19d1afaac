using System.Globalization;
using Floodgate.FlushWorker.Parking;
using Floodgate.Messaging.Counters;
using Floodgate.Nodes;
using Npgsql;

namespace Floodgate.FlushWorker.Commands;

/// <summary>
/// <c>FlushWorker parked …</c>: shows, replays and discards what was put aside, beside running FlushWorkers. See
/// <c>docs/parked-envelopes.md</c>.
/// </summary>
internal sealed class ParkedCommand(ParkedStore store, ParkedReplay replay, TextWriter output)
{
    /// <summary>Everything was done.</summary>
    public const int Good = 0;

    /// <summary>Something could not be done; the text says what.</summary>
    public const int NotDone = 1;

    /// <summary>The words are wrong; nothing was done.</summary>
    public const int Usage = 2;

    /// <summary>The database does not answer.</summary>
    public const int Unreachable = 3;

    private const int ReasonWidth = 60;
    private const int Page = 1000;

    private const string Help = """
        FlushWorker parked: what could not be applied, and was put aside.

          parked list [--after ID] [--limit N]     a page of them, oldest first (50)
          parked show ID                           what one holds
          parked replay ID… | --all                applies them, each exactly once, and takes them off the list
              --discard                            takes those off the list, too, that had been applied before
              --force                              applies also what a retired producer sent, of which nobody knows
                                                   whether it had been applied
          parked discard ID                        deletes one for ever

          --connection TEXT                        the primary; default: environment variable ConnectionStrings__floodgate

        Exit codes: 0 done; 1 something could not be done; 2 wrong usage; 3 the database does not answer.
        """;

    /// <summary>Runs the command.</summary>
    /// <param name="words">The words after <c>parked</c>.</param>
    /// <param name="output">Where it writes.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(IReadOnlyList<string> words, TextWriter output, CancellationToken cancellationToken)
    {
        if (words.Count == 0 || words.Contains("--help", StringComparer.Ordinal) || words[0] is "help" or "-h")
        {
            await output.WriteLineAsync(Help);
            return words.Count == 0 ? Usage : Good;
        }

        try
        {
            var arguments = ParkedArguments.Parse(words);
            await using var primary = NpgsqlDataSource.Create(arguments.Connection ?? ConfiguredConnection());
            var store = new ParkedStore(primary);
            return await new ParkedCommand(store, new ParkedReplay(primary, store), output).RunAsync(arguments, cancellationToken);
        }
        catch (UsageException wrong)
        {
            await output.WriteLineAsync($"{wrong.Message} 'parked --help' says more.");
            return Usage;
        }
        catch (Exception failure) when (failure is NpgsqlException or TimeoutException)
        {
            await output.WriteLineAsync($"The database does not do it: {failure.Message}");
            return Unreachable;
        }
    }

    private static string ConfiguredConnection()
    {
        var name = new NodeOptions().PrimaryConnection;
        return new ConfigurationBuilder().AddEnvironmentVariables().Build().GetConnectionString(name)
            ?? throw new UsageException($"There is neither --connection nor the environment variable ConnectionStrings__{name}.");
    }

    private Task<int> RunAsync(ParkedArguments arguments, CancellationToken cancellationToken) => arguments.Verb switch
    {
        "list" => ListAsync(arguments, cancellationToken),
        "show" => ShowAsync(arguments.Ids[0], cancellationToken),
        "replay" => ReplayAsync(arguments, cancellationToken),
        _ => DiscardAsync(arguments.Ids[0], cancellationToken),
    };

    private async Task<int> ListAsync(ParkedArguments arguments, CancellationToken cancellationToken)
    {
        var rows = await store.ListAsync(arguments.After, arguments.Limit + 1, cancellationToken);
        await output.WriteLineAsync($"{"id",8}  {"part.",5}  {"producer:sequence",-45}  {"bytes",9}  {"parked at (UTC)",-19}  reason");
        foreach (var row in rows.Take(arguments.Limit))
        {
            var sender = row.Producer is { } producer ? $"{producer}:{row.Sequence}" : "?";
            var reason = row.Reason.Length <= ReasonWidth ? row.Reason : row.Reason[..(ReasonWidth - 1)] + "…";
            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture, $"{row.Id,8}  {row.Partition,5}  {sender,-45}  {row.Bytes,9}  {row.ParkedAt.UtcDateTime:yyyy-MM-dd HH:mm:ss}  {reason}"));
        }

        await output.WriteLineAsync(rows.Count > arguments.Limit
            ? $"There are more: parked list --after {rows[arguments.Limit - 1].Id}"
            : rows.Count == 0 ? "Nothing is put aside." : "That is all.");
        return Good;
    }

    private async Task<int> ShowAsync(long id, CancellationToken cancellationToken)
    {
        if (await store.FindAsync(id, cancellationToken) is not { } parked)
        {
            return await MissingAsync(id);
        }

        await output.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture, $"parked    {parked.Row.ParkedAt.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC, from partition {parked.Row.Partition}, {parked.Row.Bytes} bytes"));
        await output.WriteLineAsync($"reason    {parked.Row.Reason}");
        await output.WriteAsync(EnvelopeText.Describe(parked.Content));
        return Good;
    }

    private async Task<int> ReplayAsync(ParkedArguments arguments, CancellationToken cancellationToken)
    {
        var worst = Good;
        await foreach (var id in IdsAsync(arguments, cancellationToken))
        {
            worst = Math.Max(worst, await ReplayAsync(id, arguments, cancellationToken));
        }

        return worst;
    }

    private async IAsyncEnumerable<long> IdsAsync(
        ParkedArguments arguments, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var id in arguments.Ids)
        {
            yield return id;
        }

        var rows = new List<ParkedRow>();
        while (arguments.All && (rows = await store.ListAsync(rows.Count > 0 ? rows[^1].Id : 0, Page, cancellationToken)).Count > 0)
        {
            foreach (var row in rows)
            {
                yield return row.Id;
            }
        }
    }

    private async Task<int> ReplayAsync(long id, ParkedArguments arguments, CancellationToken cancellationToken)
    {
        try
        {
            switch (await replay.RunAsync(id, arguments.Force, cancellationToken))
            {
                case ReplayOutcome.Applied:
                    await output.WriteLineAsync($"{id}: applied.");
                    return Good;
                case ReplayOutcome.AppliedBefore when arguments.Discard:
                    await store.DiscardAsync(id, cancellationToken);
                    await output.WriteLineAsync($"{id}: had been applied before; discarded.");
                    return Good;
                case ReplayOutcome.AppliedBefore:
                    await output.WriteLineAsync($"{id}: has been applied already, so nothing is changed; with --discard it is taken off the list.");
                    return NotDone;
                case ReplayOutcome.Retired:
                    await output.WriteLineAsync($"{id}: its producer was retired, so nobody knows whether it has been applied; --force applies it all the same.");
                    return NotDone;
                default:
                    return await MissingAsync(id);
            }
        }
        catch (Exception failure) when (failure is InvalidEnvelopeException or PostgresException or OverflowException)
        {
            await output.WriteLineAsync($"{id}: cannot be applied: {failure.Message}");
            return NotDone;
        }
    }

    private async Task<int> DiscardAsync(long id, CancellationToken cancellationToken)
    {
        if (!await store.DiscardAsync(id, cancellationToken))
        {
            return await MissingAsync(id);
        }

        await output.WriteLineAsync($"{id}: discarded.");
        return Good;
    }

    private async Task<int> MissingAsync(long id)
    {
        await output.WriteLineAsync($"{id}: there is none of that number.");
        return NotDone;
    }
}
