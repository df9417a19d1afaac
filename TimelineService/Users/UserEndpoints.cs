using Floodgate.Leases;
using Floodgate.Nodes;
using Floodgate.Problems;
using Floodgate.TimelineService.Caches;
using Floodgate.TimelineService.Input;

namespace Floodgate.TimelineService.Users;

/// <summary><c>PUT</c> and <c>GET /users/{id}</c>.</summary>
internal static class UserEndpoints
{
    private const int MaximumName = 100;

    public static void AddUsers(this WebApplicationBuilder builder) => builder.Services.AddSingleton<UserStore>();

    public static void MapUsers(this WebApplication app)
    {
        app.MapPut("/users/{id}", PutAsync);
        app.MapGet("/users/{id}", GetAsync);
    }

    private static async Task<IResult> PutAsync(
        string id, UserName body, HttpContext context, UserStore users, WriteAnnouncer announcer, CancellationToken cancellationToken)
    {
        var caller = context.RequireUser();
        var user = IdInput.Parse(id, "id");
        if (user != caller)
        {
            return Problem.Forbidden("A caller writes only itself.");
        }

        if (TextInput.FindFault(body.Name, MaximumName) is { } fault)
        {
            return Problem.Invalid("name", fault);
        }

        var (written, position, told) = await users.PutAsync(user, body.Name!, cancellationToken);
        // A repeat, too, is only acknowledged when the caches know: the request that wrote may not have got that far.
        await announcer.UserAsync(user, told ?? new CommittedWrite(position));

        context.SetPosition(position);
        return TypedResults.Ok(written);
    }

    private static async Task<IResult> GetAsync(string id, HttpContext context, UserCache users, CancellationToken cancellationToken)
    {
        var read = await users.Users.GetAsync(IdInput.Parse(id, "id"), context.GetNodeRead(), cancellationToken);
        context.SetReadAt(read);
        return read.Value is { } user ? TypedResults.Ok(user) : Problem.NotFound("There is no such user.");
    }
}
