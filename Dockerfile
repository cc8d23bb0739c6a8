# syntax=docker/dockerfile:1
FROM --platform=$BUILDPLATFORM mcr.microsoft.com/dotnet/sdk:10.0 AS build
ARG TARGETARCH
WORKDIR /source

COPY global.json .editorconfig Directory.Build.props Directory.Packages.props ./
COPY config/ config/
COPY src/ src/
COPY plugins/ plugins/

# Host and framework are compiled together, so that a start compiles little: docs/decisions/0068. The plugins are compiled one by one.
RUN dotnet publish src/Host --configuration Release --arch $TARGETARCH --os linux --self-contained \
      -p:PublishReadyToRun=true -p:PublishReadyToRunComposite=true -p:DebugType=none --output /app
# The final stage has no shell to create folders.
RUN mkdir -p /folders/data /folders/plugins

# A base image without shell and package manager: the libraries that .NET needs. The host runs as an unprivileged user.
FROM mcr.microsoft.com/dotnet/runtime-deps:10.0-noble-chiseled AS final
COPY --from=build /app /app
COPY --from=build --chown=$APP_UID:$APP_UID /folders/data /data
COPY --from=build /folders/plugins /plugins

# The configuration is /config/appsettings.json if a volume provides it, otherwise the shipped file. Relative paths refer to this
# folder, so "data/sessions.db" is on the volume /data.
WORKDIR /

# Defaults for a configuration that has neither Server:Listen nor PluginFolders. The host listens on all addresses, so it does not start
# without keys: PLUGINHOST_API_KEY, PLUGINHOST_API_KEYS_FILE or Server__KeyFile. Diagnostics are disabled because they need a writable folder.
ENV PLUGINHOST_DEFAULT__Server__Listen__0=http://0.0.0.0:5080 \
    PLUGINHOST_DEFAULT__PluginFolders__0=/plugins \
    ASPNETCORE_HTTP_PORTS= \
    DOTNET_EnableDiagnostics=0

EXPOSE 5080
VOLUME ["/data"]
USER $APP_UID
HEALTHCHECK --interval=10s --timeout=6s --start-period=10s --retries=3 CMD ["/app/pluginhost", "health"]
ENTRYPOINT ["/app/pluginhost"]
