using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.Tokens;
using PluginHost.Engine.Configuration.Model;

namespace PluginHost.Http.Access;

/// <summary>Registers the checking of tokens, when it is configured.</summary>
internal static class TokenServices
{
    public static void AddTokens(this IServiceCollection services, JwtConfiguration? jwt)
    {
        if (jwt is null) return;
        services.AddSingleton(jwt);
        services.AddSingleton<TokenAccess>();
        services.AddAuthenticationCore();
        services.AddWebEncoders();
        services.AddSingleton<IAuthenticationConfigurationProvider, EmptyConfiguration>();
        if (jwt.KeysFile is not null)
        {
            services.AddSingleton(new TokenKeys(jwt.KeysFile));
            services.AddHostedService<TokenKeysWatch>();
        }

        new AuthenticationBuilder(services).AddJwtBearer();
        services.AddOptions<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme)
            .Configure<IServiceProvider>((options, provider) => Configure(options, jwt, provider.GetService<TokenKeys>()));
    }

    private static void Configure(JwtBearerOptions options, JwtConfiguration jwt, TokenKeys? keys)
    {
        options.Authority = jwt.Authority;
        options.RequireHttpsMetadata = jwt.Authority?.StartsWith("https:", StringComparison.OrdinalIgnoreCase) == true;
        options.BackchannelTimeout = TimeSpan.FromSeconds(10);
        options.MapInboundClaims = false;
        options.SaveToken = false;
        options.IncludeErrorDetails = false;
        var parameters = options.TokenValidationParameters = new TokenValidationParameters
        {
            ValidAudience = jwt.Audience,
            ValidIssuer = jwt.Issuer,
            ValidAlgorithms = jwt.Algorithms,
            ClockSkew = jwt.ClockSkew,
            RequireExpirationTime = true,
            RequireSignedTokens = true,
            ValidateIssuerSigningKey = true,
        };
        if (keys is not null) parameters.IssuerSigningKeyResolver = (_, _, id, _) => keys.WithId(id);
    }

    /// <summary>Keeps the handler from reading its own settings, which the strict reader does not check.</summary>
    private sealed class EmptyConfiguration : IAuthenticationConfigurationProvider
    {
        public IConfiguration AuthenticationConfiguration { get; } = new ConfigurationBuilder().Build();
    }
}
