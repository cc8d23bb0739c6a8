# syntax=docker/dockerfile:1
FROM --platform=$BUILDPLATFORM mcr.microsoft.com/dotnet/sdk:10.0 AS build
ARG TARGETARCH
WORKDIR /source

COPY global.json .editorconfig Directory.Build.props Directory.Packages.props ./
COPY config/ config/
COPY src/ src/
COPY plugins/ plugins/

# Precompiled, host and plugins alike: the first request is answered sooner.
RUN dotnet publish src/Host --configuration Release --arch $TARGETARCH --os linux --no-self-contained \
      -p:PublishReadyToRun=true -p:DebugType=none --output /app
# The last stage has no shell to make folders with.
RUN mkdir -p /folders/data /folders/plugins

# No shell and no package manager; runs as a user without rights.
FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled AS final
COPY --from=build /app /app
COPY --from=build --chown=$APP_UID:$APP_UID /folders/data /data
COPY --from=build /folders/plugins /plugins

# The configuration is /config/appsettings.json when a volume brings it, else the one that ships; its relative paths begin here,
# so that "data/sessions.db" is on the volume.
WORKDIR /

# A container is reached from outside, so it listens on all addresses, and refuses to start without keys:
# PLUGINHOST_API_KEY, PLUGINHOST_API_KEYS_FILE or Server__KeyFile. Diagnostics would need a folder to write to.
ENV Server__Listen__0=http://0.0.0.0:5080 \
    PluginFolders__0=/plugins \
    ASPNETCORE_HTTP_PORTS= \
    DOTNET_EnableDiagnostics=0

EXPOSE 5080
VOLUME ["/data"]
USER $APP_UID
HEALTHCHECK --interval=10s --timeout=6s --start-period=10s --retries=3 CMD ["/app/PluginHost", "health"]
ENTRYPOINT ["/app/PluginHost"]
