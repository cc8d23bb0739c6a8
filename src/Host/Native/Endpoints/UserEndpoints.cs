using Microsoft.AspNetCore.Http.Features;
using PluginHost.Engine.Sessions.Store;
using PluginHost.Engine.Users;
using PluginHost.Http;
using PluginHost.Http.Access;
using PluginHost.Http.Binding;
using PluginHost.Native.Resources;
using PluginHost.Sdk;

namespace PluginHost.Native.Endpoints;

/// <summary>Read and delete what plugins keep of a user beyond sessions.</summary>
internal static class UserEndpoints
{
    public static void MapUsers(this IEndpointRouteBuilder routes)
    {
        routes.MapCall("GET", "/v1/users/{user}", GetAsync, "getUser", "Reads what plugins keep of a user beyond sessions.")
            .Query<UserParameters>()
            .Gives(200, typeof(UserResource)).Refuses(400, 403);
        routes.MapCall(
            "DELETE", "/v1/users/{user}", DeleteAsync, "deleteUser", "Cancels the user's runs, deletes what plugins keep of the user beyond sessions, and says what each removed.")
            .Query<UserParameters>()
            .Gives(200, typeof(DeletedUserResource)).Refuses(400, 403);
    }

    private static async Task GetAsync(HttpContext context)
    {
        var user = ReadUser(context);
        var kept = await context.Service<UserService>().ReadAsync(user, context.RequestAborted);
        var resource = UserResource.From(user.Name, user.Tenant, kept, withItems: user.Tenant == Tenancy.TenantOf(context));
        await context.WriteAsync(200, resource, ApiJson.Default.UserResource);
    }

    private static async Task DeleteAsync(HttpContext context)
    {
        var user = ReadUser(context);
        var removals = await context.Service<UserService>().DeleteAsync(user, context.RequestAborted);
        await context.WriteAsync(200, DeletedUserResource.From(user.Name, user.Tenant, removals), ApiJson.Default.DeletedUserResource);
    }

    private static UserKey ReadUser(HttpContext context)
    {
        var errors = new InputErrors();
        var query = QueryBinder.Bind<UserParameters>(context, errors);
        var name = NameOf(context);
        if (!UserNames.IsValid(name)) errors.Add("user", "This is not a valid name of a user.", UserNames.Allowed);
        if (query.Tenant == Tenancy.AllTenants) errors.Add("tenant", "Users of different tenants are unrelated.", "one tenant");
        errors.ThrowIfAny();
        return new UserKey(Tenancy.ChooseTenant(context, query.Tenant)!, name);
    }

    /// <summary>The name as it was sent: a route value leaves an escaped slash as it is, and so cannot tell <c>a/b</c> from <c>a%2Fb</c>.</summary>
    private static string NameOf(HttpContext context)
    {
        var path = context.Features.Get<IHttpRequestFeature>()!.RawTarget.Split('?', 2)[0];
        return Uri.UnescapeDataString(path[(path.LastIndexOf('/') + 1)..]);
    }
}
