using System.Globalization;
using Floodgate.Problems;
using Npgsql;
using StackExchange.Redis;

namespace Floodgate.Bench.Baselines;

/// <summary>
/// The three things Floodgate's counters are compared with. Each reads <c>{"by":1}</c> and answers 202 <c>{"value":n}</c>,
/// under a route of CounterService's form.
/// </summary>
internal static class BaselineEndpoints
{
    public static void MapBaselines(this IEndpointRouteBuilder app)
    {
        app.MapPost("/bare/{name}/{key}", Bare);
        app.MapPost("/update/{name}/{key}", UpdateAsync);
        app.MapPost("/update-few/{name}/{key}", UpdateByFewAsync);
        app.MapPost("/incr/{name}/{key}", IncrementAsync);
    }

    // Nothing but the request and the answer. It is asynchronous as the others are.
    private static Task<IResult> Bare(string name, string key, Addition addition) =>
        Task.FromResult(Answer(addition.By, name.Length + key.Length));

    // One row that all callers wait for. A connection prepares the statement once and keeps it.
    private static async Task<IResult> UpdateAsync(string name, string key, Addition addition, NpgsqlDataSource source, CancellationToken aborted)
    {
        _ = (name, key);
        await using var connection = await source.OpenConnectionAsync(aborted);
        await using var command = new NpgsqlCommand(UpdatedRow.Sql, connection);
        await command.PrepareAsync(aborted);
        return Answer(addition.By, (long)(await command.ExecuteScalarAsync(aborted))!);
    }

    private static Task<IResult> UpdateByFewAsync(
        string name, string key, Addition addition, [FromKeyedServices(BaselineRegistration.Few)] NpgsqlDataSource source, CancellationToken aborted) =>
        UpdateAsync(name, key, addition, source, aborted);

    private static async Task<IResult> IncrementAsync(string name, string key, Addition addition, IConnectionMultiplexer redis) =>
        Answer(addition.By, await redis.GetDatabase().StringIncrementAsync(string.Create(CultureInfo.InvariantCulture, $"bench:{name}/{key}")));

    private static IResult Answer(long? by, long value) => by is null
        ? Problem.Invalid("by", "It is a whole number.")
        : TypedResults.Json(new AdditionAnswer(value), BaselineJson.Default.AdditionAnswer, statusCode: StatusCodes.Status202Accepted);
}
